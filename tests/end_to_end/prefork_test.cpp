// A supervisor and its workers, watched from outside.

#include <csignal>
#include <set>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/steady_client.hpp"

using namespace launched;
using nlohmann::json;

namespace {

/// The pid of a worker as the stats tell; 0 while it is not ready.
pid_t pid_of(const Server& server, int id) {
  return server.stats().at(static_cast<std::size_t>(id) - 1).at("pid");
}

}  // namespace

TEST_CASE("three workers are one parent and three server processes",
          "[prefork]") {
  const Server server({"--mode", "prefork", "--workers", "3"});
  CHECK(count(server.err(), "Started parent process [") == 1);
  CHECK(count(server.err(), "Started server process [") == 3);
  const auto workers = server.workers();
  CHECK(std::set(workers.begin(), workers.end()).size() == 3);
  CHECK(server.processes().size() == 4);
  const json self = server.get("/whoami").json();
  const auto id = self["worker"].get<std::size_t>();
  CHECK(self["pid"] == workers.at(id - 1));
}

TEST_CASE("no worker is left without a kept connection", "[prefork]") {
  const Server server({"--mode", "prefork", "--workers", "3"});
  std::vector<Connection> connections;
  for (int i = 0; i < 12; ++i) connections.emplace_back(server.port());
  CHECK(until([&] { return server.total("connections") == 12; }));
  for (const json& worker : server.stats()) CHECK(worker["connections"] >= 1);
}

TEST_CASE("a killed worker is replaced and no request fails meanwhile",
          "[prefork]") {
  const Server server({"--mode", "prefork", "--workers", "3"});
  const pid_t killed = server.workers()[1];
  freeze(killed);  // and what hangs does not hold up the others
  SteadyClient client(server);
  CHECK(until([&] { return client.requests() >= 20; }));
  ::kill(killed, SIGKILL);
  CHECK(server.says("Worker 2 [pid " + std::to_string(killed) +
                    "] died: signal 9 (SIGKILL) (it lived "));
  CHECK(server.says("requests); replacing it"));
  CHECK(until([&] {
    const pid_t now = pid_of(server, 2);
    return now != 0 && now != killed;
  }));
  const std::size_t before = client.requests();
  CHECK(until([&] { return client.requests() >= before + 20; }));
  CHECK(client.stop() == "");
  CHECK(server.processes().size() == 4);
}

TEST_CASE("workers that are asked to end are replaced without a lost request",
          "[prefork]") {
  const Server server({"--mode", "prefork", "--workers", "3"});
  SteadyClient client(server);
  for (int id = 1; id <= 3; ++id) {
    const pid_t before = pid_of(server, id);
    ::kill(before, SIGTERM);
    CHECK(until([&] {
      const pid_t now = pid_of(server, id);
      return now != 0 && now != before;
    }));
  }
  CHECK(client.stop() == "");
  CHECK(client.requests() > 0);
}

TEST_CASE("a request that crashes its worker costs that request only",
          "[prefork]") {
  Server server({"--mode", "prefork", "--workers", "2"});
  CHECK(server.get("/crash").status == 0);
  CHECK(server.says("died: signal 11 (SIGSEGV) (it lived "));
  for (int i = 0; i < 20; ++i) CHECK(server.get("/").status == 200);
  server.press_ctrl_c();
  CHECK(server.exit_code() == 0);
}

TEST_CASE("workers that crash again and again end the service with code 4",
          "[prefork]") {
  Server server({"--mode", "prefork", "--workers", "1"});
  // Each crash is a death soon after the start; the fifth in a row is enough.
  CHECK(until([&] {
    server.get("/crash");
    return server.processes().empty();
  }));
  CHECK(server.exit_code() == 4);
  CHECK(count(server.err(), "died: signal 11 (SIGSEGV)") == 5);
  CHECK(count(server.err(), "launch: gave up after 5 deaths of workers") == 1);
  CHECK(server.get("/").status == 0);
}

TEST_CASE("workers end when their parent is killed", "[prefork]") {
  Server server({"--mode", "prefork", "--workers", "3"});
  server.signal(SIGKILL);
  CHECK(until([&] { return server.processes().empty(); }));
  CHECK(server.get("/").status == 0);
}
