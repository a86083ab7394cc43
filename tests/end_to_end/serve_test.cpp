// The server as its user sees it: what it prints, what it answers.

#include <csignal>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/raw_client.hpp"

using namespace launched;
using nlohmann::json;

namespace {

struct ModeRow {
  const char* mode;
  std::vector<std::string> flags;
  std::size_t workers;
};

const std::vector<ModeRow> kRows{
    {"single", {"--mode", "single"}, 1},
    {"prefork", {"--mode", "prefork", "--workers", "2"}, 2},
    {"thread-pool", {"--mode", "thread-pool", "--threads", "4"}, 1},
};

std::string bracketed(pid_t pid) { return "[" + std::to_string(pid) + "]\n"; }

}  // namespace

TEST_CASE("every mode serves and prints what uvicorn's users know", "[serve]") {
  for (const ModeRow& row : kRows) {
    INFO(row.mode);
    Server server(row.flags);
    INFO(server.err());
    CHECK(server.port() > 0);
    CHECK(server.get("/").body == "Hello, world!");
    CHECK(server.get("/nothing").status == 404);

    const std::string text = server.err();
    const bool supervised = row.workers > 1;
    CHECK(count(text, "INFO:     Started parent process " +
                          bracketed(server.pid())) == (supervised ? 1 : 0));
    for (const pid_t pid : server.workers())
      CHECK(count(text, "INFO:     Started server process " + bracketed(pid)) ==
            1);
    CHECK(count(text, "INFO:     Waiting for application startup.\n") ==
          row.workers);
    CHECK(count(text, "INFO:     Application startup complete.\n") ==
          row.workers);
    CHECK(count(text, "INFO:     launch running on http://127.0.0.1:" +
                          std::to_string(server.port()) +
                          " (Press CTRL+C to quit)\n") == 1);
    CHECK(server.out().empty());
    server.press_ctrl_c();
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("the ready line names mode, address and every worker", "[serve]") {
  for (const ModeRow& row : kRows) {
    INFO(row.mode);
    const Server server(row.flags);
    const json& ready = server.ready();
    CHECK(ready["pid"] == server.pid());
    CHECK(ready["mode"] == row.mode);
    CHECK(ready["addresses"] ==
          json{"http://127.0.0.1:" + std::to_string(server.port())});
    REQUIRE(ready["workers"].size() == row.workers);
    CHECK(ready["workers"][0]["id"] == 1);
    const bool own = server.workers()[0] == server.pid();
    CHECK(own == (row.workers == 1));
  }
}

TEST_CASE("a byte on the stats descriptor is answered with the counts",
          "[serve]") {
  for (const ModeRow& row : kRows) {
    INFO(row.mode);
    Server server(row.flags);
    for (int i = 0; i < 6; ++i) CHECK(server.get("/").status == 200);
    const auto stats = server.stats();
    REQUIRE(stats.size() == row.workers);
    for (std::size_t i = 0; i < row.workers; ++i) {
      CHECK(stats[i]["id"] == i + 1);
      CHECK(stats[i]["pid"] == server.workers().at(i));
    }
    CHECK(server.total("requests") == 6);
    CHECK(server.total("accepted") == 6);
    CHECK(until([&] { return server.total("connections") == 0; }));
    server.signal(SIGTERM);
    const std::string last = server.last_stats();
    CHECK(count(last, "\n") == 1);
    CHECK(json::parse(last)["workers"].size() == row.workers);
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("the demo's endpoints do what their names say", "[serve]") {
  const Server server({"demo"});
  CHECK(server.get("/json").json()["message"] == "Hello, world!");
  CHECK(server.get("/cpu?us=100").body == "burnt 100 us\n");
  CHECK(server.get("/block?ms=1").body == "blocked 1 ms\n");
  CHECK(server.get("/bytes?n=3000000").body.size() == 3000000);
  const std::string large(1 << 20, 'e');
  CHECK(server.send("POST", "/echo", large).body == large);
  const json self = server.get("/whoami").json();
  CHECK(self["worker"] == 1);
  CHECK(self["pid"] == server.pid());
}

TEST_CASE("a thread pool answers on several threads at once", "[serve]") {
  const Server server({"--mode", "thread-pool", "--threads", "4"});
  std::vector<RawClient> clients;
  const auto begin = launch::Clock::now();
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(static_cast<std::uint16_t>(server.port()));
    clients.back().send("GET /block?ms=1500 HTTP/1.1\r\nHost: test\r\n\r\n");
  }
  for (RawClient& client : clients)
    CHECK(body_of(client.receive()) == "blocked 1500 ms\n");
  // One after the other they take 6 s.
  CHECK(launch::Clock::now() - begin < seconds{5});
}

TEST_CASE("a log level hides what is below it", "[serve]") {
  for (const ModeRow& row : kRows) {
    INFO(row.mode);
    std::vector<std::string> flags = row.flags;
    flags.insert(flags.end(), {"--log-level", "warning"});
    Server server(flags);
    CHECK(server.get("/").status == 200);
    server.signal(SIGTERM);
    CHECK(server.exit_code() == 0);
    CHECK(server.err().empty());
  }
}

TEST_CASE("PORT sets the port and, without --host, every address", "[serve]") {
  Program program({"--mode", "single"}, {"PORT=0"});
  CHECK(program.says("launch running on http://0.0.0.0:"));
  const Program local({"--host", "127.0.0.1"}, {"PORT=0"});
  CHECK(local.says("launch running on http://127.0.0.1:"));
}

TEST_CASE("WEB_CONCURRENCY counts the workers of prefork only", "[serve]") {
  for (const char* name : {"WEB_CONCURRENCY", "LAUNCH_WORKERS"}) {
    const std::string setting = std::string(name) + "=3";
    CHECK(Server({"--mode", "prefork"}, {setting}).workers().size() == 3);
    CHECK(Server({"--mode", "prefork", "--workers", "2"}, {setting})
              .workers()
              .size() == 2);
    for (const char* mode : {"single", "thread-pool"}) {
      const Server other({"--mode", mode}, {setting});
      CHECK(other.workers().size() == 1);
      CHECK(count(other.err(), setting + " is ignored") == 1);
    }
  }
}

TEST_CASE("one library serves each of its apps by symbol", "[serve]") {
  CHECK(Server({app("two_apps") + ":first"}).get("/").body == "1");
  CHECK(Server({app("two_apps") + ":second"}).get("/").body == "2");
  const Server plain({app("httplib_server_app"), "--mode", "prefork"});
  CHECK(plain.get("/hello").body == "Hello from cpp-httplib\n");
}

TEST_CASE("hooks run once in every worker when it starts and stops",
          "[serve]") {
  const Folder folder;
  const std::string log = folder.file("hooks");
  Server server(
      {app("hooks"), "--mode", "prefork", "--workers", "2", "--threads", "3"},
      {"HOOKS_LOG=" + log});
  CHECK(server.get("/").body == "hooked\n");
  for (std::size_t id = 1; id <= 2; ++id) {
    const std::string who = " " + std::to_string(id) + "/2 threads 3 pid " +
                            std::to_string(server.workers()[id - 1]) + "\n";
    CHECK(count(read_file(log), "start first" + who) == 1);
    CHECK(count(read_file(log), "start second" + who) == 1);
  }
  CHECK(count(read_file(log), "stop") == 0);
  server.press_ctrl_c();
  CHECK(server.exit_code() == 0);
  CHECK(count(read_file(log), "start") == 4);
  for (std::size_t id = 1; id <= 2; ++id)
    CHECK(count(read_file(log), "stop first " + std::to_string(id) + "/2") ==
          1);
}
