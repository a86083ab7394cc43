#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "bench/load/load.hpp"
#include "tests/bench/program.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

/// The port in "listening on 127.0.0.1:PORT".
std::uint16_t port_of(Program& server) {
  const std::string line = server.line();
  REQUIRE(line.starts_with("listening on 127.0.0.1:"));
  return static_cast<std::uint16_t>(std::stoi(line.substr(23)));
}

Descriptor connect_to(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address),
                    sizeof address) == 0);
  const timeval limit{5, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return socket;
}

/// How many answers arrive before `count` of them did or 5 s are over.
int answers(int fd, int count) {
  std::string received;
  char buffer[4096];
  int found = 0;
  while (found < count) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    received.append(buffer, static_cast<std::size_t>(got));
    found = 0;
    for (std::size_t at = 0;
         (at = received.find("\r\n\r\nHello, world!", at)) != received.npos;
         ++at)
      ++found;
  }
  return found;
}

void send(int fd, const std::string& bytes) {
  REQUIRE(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
}

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
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  std::string pipelined;
  for (int i = 0; i < 100; ++i) pipelined += request;
  send(socket.get(), pipelined);
  CHECK(answers(socket.get(), 100) == 100);

  for (const char byte : request) send(socket.get(), {byte});
  CHECK(answers(socket.get(), 1) == 1);
}

TEST_CASE("the bare server answers as many bytes as it is told to", "[bare]") {
  for (const std::size_t size : {0u, 1024u, 1u << 20}) {
    Program server("bare_server", {"--body-bytes", std::to_string(size)});
    const Descriptor socket = connect_to(port_of(server));
    const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    std::string answer =
        "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        "Server: bare\r\nContent-Type: text/plain\r\nContent-Length: ";
    answer += std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
    // 20 large ones are more than a socket holds: writes are cut in the middle.
    std::string expected;
    for (int i = 0; i < 20; ++i) {
      send(socket.get(), request);
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
