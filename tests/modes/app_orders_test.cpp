// The orders service, as launch loads it: no socket, several processes.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "modes/app/app.hpp"
#include "modes/http/hosted_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_request.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;
using nlohmann::json;

namespace {

/// The service on a database of its own. Each start() loads a new copy of the
/// library, with connections of its own.
class Orders {
 public:
  explicit Orders(const char* examples = "0") {
    ::setenv("ORDERS_DB", (folder_ / "orders.sqlite3").c_str(), 1);
    ::setenv("ORDERS_EXAMPLES", examples, 1);
  }
  ~Orders() { std::filesystem::remove_all(folder_); }

  void start() {
    app_.emplace(load_app(test_app("orders")));
    app_->start({}, {3});
  }
  Answer ask(const std::string& method, const std::string& target,
             const std::string& body = {}) {
    return ::ask(app_->server(), method, target, body);
  }
  json get(const std::string& target) {
    return json::parse(ask("GET", target).body);
  }
  std::int64_t create(const std::string& item, const char* status = "open") {
    const json draft{{"customer", "Ada"},
                     {"item", item},
                     {"quantity", 2},
                     {"unit_price_cents", 350},
                     {"status", status}};
    const Answer answer = ask("POST", "/orders", draft.dump());
    return answer.status == 201
               ? json::parse(answer.body).at("id").get<std::int64_t>()
               : -answer.status;
  }

 private:
  static std::filesystem::path make_folder() {
    std::string path =
        (std::filesystem::temp_directory_path() / "orders_test_XXXXXX")
            .string();
    return ::mkdtemp(path.data());
  }

  std::filesystem::path folder_ = make_folder();
  std::optional<App> app_;
};

/// Runs `work` in `count` processes at once; how many of them returned true.
int run_processes(int count, const std::function<bool(int)>& work) {
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      bool good = false;
      try {
        good = work(i);
      } catch (...) {
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  int good = 0;
  for (const pid_t pid : children) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) ++good;
  }
  return good;
}

}  // namespace

TEST_CASE("an order is created, read, replaced and deleted", "[orders]") {
  Orders orders;
  orders.start();
  const Answer created = orders.ask(
      "POST", "/orders",
      R"({"customer":"Ada","item":"tea","quantity":2,"unit_price_cents":350})");
  REQUIRE(created.status == 201);
  CHECK(created.header("Location") == "/orders/1");
  const json order = json::parse(created.body);
  CHECK(order["id"] == 1);
  CHECK(order["status"] == "open");
  CHECK(order["created_at"].get<std::string>().size() == 20);
  CHECK(orders.get("/orders/1") == order);

  const Answer replaced = orders.ask(
      "PUT", "/orders/1",
      R"({"customer":"Ada","item":"tea","quantity":3,"unit_price_cents":350,)"
      R"("status":"paid"})");
  CHECK(replaced.status == 200);
  CHECK(json::parse(replaced.body)["quantity"] == 3);
  CHECK(orders.get("/orders/1")["status"] == "paid");

  CHECK(orders.ask("DELETE", "/orders/1").status == 204);
  CHECK(orders.ask("GET", "/orders/1").status == 404);
  CHECK(orders.create("milk") == 2);  // an id is never used again
}

TEST_CASE("orders are listed page by page", "[orders]") {
  Orders orders;
  orders.start();
  CHECK(orders.get("/orders") ==
        json{{"orders", json::array()}, {"next", nullptr}});
  for (const char* item : {"a", "b", "c", "d"}) orders.create(item);
  const json first = orders.get("/orders?limit=2");
  CHECK(first["orders"].size() == 2);
  CHECK(first["orders"][1]["item"] == "b");
  CHECK(first["next"] == "/orders?after=2&limit=2");
  const json last = orders.get(first["next"]);
  CHECK(last["orders"][1]["item"] == "d");
  CHECK(last["next"].is_null());
}

TEST_CASE("a page has 20 orders unless asked otherwise", "[orders]") {
  Orders orders("25");
  orders.start();
  CHECK(orders.get("/orders")["orders"].size() == 20);
  CHECK(orders.get("/orders?limit=100")["orders"].size() == 25);
  for (const char* query : {"limit=0", "limit=101", "limit=x", "after=-1"}) {
    const Answer answer = orders.ask("GET", std::string("/orders?") + query);
    CHECK(answer.status == 400);
    CHECK(json::parse(answer.body)["error"]["field"] ==
          std::string(query).substr(0, 5));
  }
}

TEST_CASE("a bad order is refused with the field to blame", "[orders]") {
  Orders orders;
  orders.start();
  const auto blamed = [&](const std::string& body) {
    const Answer answer = orders.ask("POST", "/orders", body);
    const json error = json::parse(answer.body).value("error", json::object());
    return std::to_string(answer.status) + " " +
           error.value("field", std::string("(none)"));
  };
  CHECK(blamed("{") == "400 (none)");
  CHECK(blamed("[]") == "400 (none)");
  CHECK(blamed("{\"item\":\"\xff\"}") == "400 (none)");
  const json good{{"customer", "Ada"},
                  {"item", "tea"},
                  {"quantity", 1},
                  {"unit_price_cents", 0}};
  const auto with = [&](const char* field, const json& value) {
    json changed = good;
    changed[field] = value;
    return blamed(changed.dump());
  };
  CHECK(blamed(good.dump()) == "201 (none)");
  CHECK(with("customer", "") == "400 customer");
  CHECK(with("customer", std::string(201, 'x')) == "400 customer");
  CHECK(with("item", 7) == "400 item");
  CHECK(with("quantity", 0) == "400 quantity");
  CHECK(with("quantity", 1.5) == "400 quantity");
  CHECK(with("quantity", UINT64_MAX) == "400 quantity");
  CHECK(with("unit_price_cents", -1) == "400 unit_price_cents");
  CHECK(with("status", "lost") == "400 status");
  CHECK(with("discount", 1) == "400 discount");
  json missing = good;
  missing.erase("item");
  CHECK(blamed(missing.dump()) == "400 item");
}

TEST_CASE("a shipped order can no longer change", "[orders]") {
  Orders orders;
  orders.start();
  CHECK(orders.create("tea", "shipped") == 1);
  CHECK(orders.create("milk", "cancelled") == 2);
  const std::string draft =
      R"({"customer":"Ada","item":"x","quantity":1,"unit_price_cents":1})";
  CHECK(orders.ask("PUT", "/orders/1", draft).status == 409);
  CHECK(orders.ask("PUT", "/orders/2", draft).status == 409);
  CHECK(orders.ask("PUT", "/orders/3", draft).status == 404);
  CHECK(orders.ask("DELETE", "/orders/1").status == 409);
  CHECK(orders.ask("DELETE", "/orders/2").status == 204);
  CHECK(orders.ask("DELETE", "/orders/3").status == 404);
  CHECK(orders.get("/orders/1")["item"] == "tea");
}

TEST_CASE("what no handler answers is an error in JSON", "[orders]") {
  Orders orders;
  orders.start();
  for (const char* path : {"/", "/orders/x", "/orders/1234567890123456789"}) {
    const Answer answer = orders.ask("GET", path);
    CHECK(answer.status == 404);
    CHECK(answer.header("Content-Type") == "application/json");
    CHECK(json::parse(answer.body)["error"]["message"] ==
          std::string("cannot GET ") + path);
  }
}

TEST_CASE("a restart keeps the orders and adds no examples", "[orders]") {
  Orders orders("3");
  orders.start();
  CHECK(orders.get("/orders")["orders"].size() == 3);
  orders.create("tea");
  orders.start();
  CHECK(orders.get("/orders")["orders"].size() == 4);
}

TEST_CASE("a database that cannot be opened fails the start", "[orders]") {
  Orders orders;
  ::setenv("ORDERS_DB", "/does-not-exist/orders.sqlite3", 1);
  CHECK_THAT(app_error([&] { orders.start(); }),
             Catch::Matchers::Contains(
                 "cannot open the database /does-not-exist/orders.sqlite3"));
}

TEST_CASE("many workers start at once and write at once", "[orders]") {
  constexpr int kProcesses = 6;
  constexpr int kThreads = 2;
  constexpr int kOrders = 15;
  Orders orders("5");
  const int good = run_processes(kProcesses, [&](int) {
    orders.start();
    std::atomic<int> created = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < kOrders; ++i)
          if (orders.create("tea") > 0) ++created;
      });
    for (std::thread& thread : threads) thread.join();
    return created == kThreads * kOrders;
  });
  CHECK(good == kProcesses);

  orders.start();
  std::size_t listed = 0;
  for (json next = "/orders?limit=100"; !next.is_null();) {
    const json page = orders.get(next);
    listed += page["orders"].size();
    next = page["next"];
  }
  CHECK(listed == 5 + kProcesses * kThreads * kOrders);
}

TEST_CASE("of many that ship one order at once, one succeeds", "[orders]") {
  Orders orders("1");
  orders.start();  // the children start copies of their own
  const std::string shipped =
      R"({"customer":"Ada","item":"tea","quantity":1,"unit_price_cents":1,)"
      R"("status":"shipped"})";
  const int good = run_processes(8, [&](int) {
    orders.start();
    return orders.ask("PUT", "/orders/1", shipped).status == 200;
  });
  CHECK(good == 1);
}
