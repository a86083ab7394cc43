// How a server ends: nothing is lost, nothing is left behind.

#include <csignal>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;

namespace {

const std::vector<std::vector<std::string>> kModes{
    {"--mode", "single"},
    {"--mode", "prefork", "--workers", "2"},
    {"--mode", "thread-pool", "--threads", "2"},
};

/// A connection on which a GET is in the hands of a worker.
Connection pending(const Server& server, const std::string& target) {
  Connection connection(server.port());
  connection.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
  // Accepted, and its bytes are already there.
  REQUIRE(until([&] { return server.total("connections") == 1; }));
  return connection;
}

std::vector<std::string> with(std::vector<std::string> flags,
                              const std::vector<std::string>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

}  // namespace

TEST_CASE("Ctrl+C and SIGTERM end every mode with code 0, leaving nothing",
          "[stop]") {
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Server server(flags);
    CHECK(server.get("/").status == 200);
    server.press_ctrl_c();
    CHECK(server.exit_code() == 0);
    CHECK(server.processes().empty());
    CHECK(server.get("/").status == 0);

    Server other(flags);
    other.signal(SIGTERM);
    CHECK(other.exit_code() == 0);
    CHECK(other.processes().empty());
    CHECK(count(other.err(), "WARNING") == 0);
    CHECK(count(other.err(), "ERROR") == 0);
  }
}

TEST_CASE("a request in flight is answered before the server ends", "[stop]") {
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Server server(flags);
    const Connection client = pending(server, "/block?ms=700");
    server.signal(SIGTERM);
    const std::string answer = client.read();
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.ends_with("blocked 700 ms\n"));
    CHECK(server.exit_code() == 0);
    CHECK(server.processes().empty());
  }
}

TEST_CASE("an idle connection does not delay the end", "[stop]") {
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Server server(with(flags, {"--graceful-timeout", "10m"}));
    const Connection client = pending(server, "/");
    CHECK(until([&] { return server.total("requests") == 1; }));
    server.signal(SIGTERM);
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("a second signal ends the server at once", "[stop]") {
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Server server(with(flags, {"--graceful-timeout", "10m"}));
    const Connection client = pending(server, "/block?ms=10000");
    server.press_ctrl_c();
    // Further ones until it is gone: the first two may be taken as one.
    const auto begin = launch::Clock::now();
    CHECK(until([&] {
      server.press_ctrl_c();
      return server.exit_code(milliseconds{100}) == 0;
    }));
    CHECK(launch::Clock::now() - begin < seconds{8});
    CHECK(server.processes().empty());
  }
}

TEST_CASE("the graceful time-out cuts what takes longer", "[stop]") {
  for (const auto& flags : kModes) {
    INFO(flags[1]);
    Server server(with(flags, {"--graceful-timeout", "200ms"}));
    const Connection client = pending(server, "/block?ms=10000");
    const auto begin = launch::Clock::now();
    server.signal(SIGTERM);
    CHECK(server.exit_code() == 0);
    CHECK(launch::Clock::now() - begin < seconds{8});
    CHECK(server.processes().empty());
  }
}
