// How many connections a server may have open, and what happens beyond that.

#include <csignal>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/raw_client.hpp"

using namespace launched;

namespace {

using Texts = std::vector<std::string>;

const std::vector<Texts> kModes{
    {"--mode", "single"},
    {"--mode", "prefork", "--workers", "1"},
    {"--mode", "thread-pool", "--threads", "2"},
};

Texts at_any_port(Texts mode) {
  mode.insert(mode.end(), {"--port", "0"});
  return mode;
}

Start limited(const std::string& limits) {
  return {.wrapper = {"/bin/sh", "-c", limits + " && exec \"$@\"", "sh"}};
}

}  // namespace

TEST_CASE("the limit of open files is raised and told when it is low",
          "[descriptor_limit]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Server server(at_any_port(mode), {},
                        limited("ulimit -Sn 280 && ulimit -Hn 300"));
    CHECK(count(server.err(), "INFO:     open files: 280 -> 300\n") == 1);
    for (const pid_t worker : server.workers())
      CHECK(count(unwrapped(
                      read_file("/proc/" + std::to_string(worker) + "/limits")),
                  "Max open files 300 300") == 1);
  }
}

TEST_CASE("connections beyond the limit are served once others close",
          "[descriptor_limit]") {
  constexpr std::size_t kClients = 320;
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const auto begin = launch::Clock::now();
    Server server(at_any_port(mode), {}, limited("ulimit -n 256"));
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < kClients; ++i) {
      clients.emplace_back(static_cast<std::uint16_t>(server.port()));
      REQUIRE(clients.back().connected());
      clients.back().send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    const std::string paused = "no file descriptors are left";
    REQUIRE(server.says(paused));
    // Nobody closes: the server holds what it has, and no more.
    const auto answered = [&] {
      std::size_t found = 0;
      for (const RawClient& client : clients) found += client.has_news();
      return found;
    };
    CHECK(until([&] { return answered() >= 150; }));
    CHECK(answered() < 256);
    // Whoever has been answered leaves, which makes room for the others.
    std::size_t served = 0;
    CHECK(until([&] {
      for (auto client = clients.begin(); client != clients.end();) {
        if (!client->has_news()) {
          ++client;
          continue;
        }
        served += body_of(client->receive()) == "Hello, world!";
        client = clients.erase(client);
      }
      return clients.empty();
    }));
    CHECK(served == kClients);
    // It tries again once a second: a loop without a pause would say so more
    // often than that by orders of magnitude.
    const auto elapsed = launch::Clock::now() - begin;
    const auto tries = count(server.err(), paused);
    CHECK(tries <= static_cast<std::size_t>(elapsed / seconds{1}) + 2);
    server.signal(SIGTERM);
    CHECK(server.exit_code() == 0);
  }
}
