// A real application in every mode: the orders service on SQLite.

#include <atomic>
#include <csignal>
#include <set>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
using nlohmann::json;

namespace {

const std::vector<std::vector<std::string>> kModes{
    {"--mode", "single"},
    {"--mode", "prefork", "--workers", "3"},
    {"--mode", "thread-pool", "--threads", "4"},
    {"--mode", "prefork", "--workers", "2", "--threads", "2"},
};

/// The service in one mode, on a database of its own.
class Orders {
 public:
  explicit Orders(std::vector<std::string> flags)
      : database_("ORDERS_DB=" + folder_.file("orders.sqlite3")),
        server_(with_app(std::move(flags)), {database_}) {}

  Server& server() { return server_; }

  /// All ids, page by page.
  std::vector<std::int64_t> ids() const {
    std::vector<std::int64_t> result;
    for (json next = "/orders?limit=7"; next.is_string();) {
      const json page = server_.get(next).json();
      for (const json& order : page.at("orders"))
        result.push_back(order.at("id"));
      next = page.at("next");
    }
    return result;
  }

 private:
  static std::vector<std::string> with_app(std::vector<std::string> flags) {
    flags.insert(flags.begin(), app("orders"));
    return flags;
  }

  Folder folder_;
  std::string database_;
  Server server_;
};

std::string draft(int quantity) {
  return json{{"customer", "Ada"},
              {"item", "tea"},
              {"quantity", quantity},
              {"unit_price_cents", 350}}
      .dump();
}

}  // namespace

TEST_CASE("orders are created, read, changed and deleted in every mode",
          "[orders]") {
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Orders orders(flags);
    const Server& server = orders.server();
    const Answer created = server.send("POST", "/orders", draft(2));
    REQUIRE(created.status == 201);
    CHECK(created.location == "/orders/1");
    CHECK(created.json()["status"] == "open");
    // Another worker may answer each of these.
    CHECK(server.get("/orders/1").json() == created.json());
    const Answer changed = server.send("PUT", "/orders/1", draft(3));
    CHECK(changed.status == 200);
    CHECK(server.get("/orders/1").json()["quantity"] == 3);
    CHECK(server.send("DELETE", "/orders/1").status == 204);
    CHECK(server.get("/orders/1").status == 404);
  }
}

TEST_CASE("bad orders are refused with the field to blame in every mode",
          "[orders]") {
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Orders orders(flags);
    const Server& server = orders.server();
    const Answer zero = server.send("POST", "/orders", draft(0));
    CHECK(zero.status == 400);
    CHECK(zero.json()["error"]["field"] == "quantity");
    CHECK(server.send("POST", "/orders", "{").status == 400);
    CHECK(server.get("/orders?limit=0").status == 400);
    CHECK(server.get("/nothing").json()["error"]["message"] ==
          "cannot GET /nothing");
    CHECK(orders.ids().empty());
  }
}

TEST_CASE("orders written by many clients at once are all there in every mode",
          "[orders]") {
  constexpr int kClients = 6;
  constexpr int kOrders = 20;
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Orders orders(flags);
    std::atomic<int> created{0};
    std::vector<std::thread> clients;
    for (int client = 0; client < kClients; ++client)
      clients.emplace_back([&] {
        for (int i = 1; i <= kOrders; ++i)
          if (orders.server().send("POST", "/orders", draft(i)).status == 201)
            ++created;
      });
    for (std::thread& client : clients) client.join();
    CHECK(created == kClients * kOrders);
    const auto ids = orders.ids();
    CHECK(ids.size() == kClients * kOrders);
    CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
  }
}

TEST_CASE("a killed worker loses no order that it confirmed", "[orders]") {
  Orders orders({"--mode", "prefork", "--workers", "3"});
  const Server& server = orders.server();
  std::set<std::int64_t> confirmed;
  for (int i = 1; i <= 30; ++i) {
    if (i == 15) {
      freeze(server.workers()[0]);
      ::kill(server.workers()[0], SIGKILL);
    }
    const Answer answer = server.send("POST", "/orders", draft(i));
    CHECK(answer.status == 201);
    if (answer.status == 201)
      confirmed.insert(answer.json()["id"].get<std::int64_t>());
  }
  const auto ids = orders.ids();
  CHECK(std::set(ids.begin(), ids.end()) == confirmed);
}
