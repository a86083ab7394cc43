#include <sys/socket.h>

#include <csignal>
#include <string>
#include <vector>

#include "bench/load/load.hpp"
#include "tests/bench/bare_client.hpp"
#include "tests/bench/program.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("the bare server answers under load without an error", "[bare]") {
  Program server("bare_server", {});
  LoadPlan plan;
  plan.port = port_of(server);
  plan.mix = {RequestKind{}};
  plan.connections = 8;
  plan.warmup = milliseconds(0);
  plan.duration = milliseconds(100);
  const LoadResult load = run_load(plan);
  CHECK(load.requests > 0);
  CHECK(load.errors.total() == 0);
}

TEST_CASE("the bare server answers requests in one portion or in many",
          "[bare]") {
  Program server("bare_server", {});
  const Descriptor socket = connect_to(port_of(server));

  std::string pipelined;
  for (int i = 0; i < 100; ++i) pipelined += kBareRequest;
  send(socket.get(), pipelined);
  CHECK(answers(socket.get(), 100) == 100);

  for (const char byte : kBareRequest) send(socket.get(), {byte});
  CHECK(answers(socket.get(), 1) == 1);
}

TEST_CASE("the bare server answers as many bytes as it is told to", "[bare]") {
  for (const std::size_t size : {0u, 1024u, 1u << 20}) {
    Program server("bare_server", {"--body-bytes", std::to_string(size)});
    const Descriptor socket = connect_to(port_of(server));
    std::string answer =
        "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        "Server: bare\r\nContent-Type: text/plain\r\nContent-Length: ";
    answer += std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
    // 20 large ones are more than a socket holds: writes are cut in the middle.
    std::string expected;
    for (int i = 0; i < 20; ++i) {
      send(socket.get(), kBareRequest);
      expected += answer;
    }
    std::string received(expected.size(), '\0');
    std::size_t filled = 0;
    while (filled < received.size()) {
      const ssize_t got = ::recv(socket.get(), received.data() + filled,
                                 received.size() - filled, 0);
      REQUIRE(got > 0);
      filled += static_cast<std::size_t>(got);
    }
    CHECK((received == expected));
  }
}

TEST_CASE("the bare server stops on request", "[bare]") {
  for (const int number : {SIGTERM, SIGINT}) {
    Program server("bare_server", {});
    port_of(server);
    server.process().signal(number);
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("the bare server refuses what it cannot do", "[bare]") {
  const std::vector<std::vector<std::string>> wrong = {{"--port", "70000"},
                                                       {"--port"},
                                                       {"--body-bytes", "-1"},
                                                       {"--surprise", "1"}};
  for (const auto& arguments : wrong) {
    Program usage("bare_server", arguments);
    CHECK(usage.rest() == "usage: bare_server [--port N] [--body-bytes N]\n");
    CHECK(usage.exit_code() == 2);
  }

  Program first("bare_server", {});
  const std::string port = std::to_string(port_of(first));
  Program second("bare_server", {"--port", port});
  CHECK(second.rest() == "bare_server: cannot listen on 127.0.0.1:" + port +
                             ": Address already in use\n");
  CHECK(second.exit_code() == 1);
}

}  // namespace
}  // namespace launch::bench
