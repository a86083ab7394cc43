#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/bare_client.hpp"
#include "tests/bench/program.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

std::vector<std::string> names() {
  Program list("alternatives", {"--list"});
  std::istringstream lines(list.rest());
  REQUIRE(list.exit_code() == 0);
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  return all;
}

/// Runs `check(port)` with each alternative, which must then stop.
template <typename Check>
void for_each_alternative(Check check) {
  for (const std::string& name : names()) {
    INFO(name);
    Program server("alternatives", {"--loop", name});
    check(port_of(server));
    server.process().signal(SIGTERM);
    CHECK(server.exit_code() == 0);
  }
}

/// Whether the server ends the connection once we did, with nothing more to
/// say.
bool ends_after_us(const Descriptor& socket) {
  ::shutdown(socket.get(), SHUT_WR);
  char byte = 0;
  return ::recv(socket.get(), &byte, 1, 0) == 0;
}

/// Sends `bytes` as fast as the server takes them, but receives nothing until
/// it has taken no more for 50 ms. What it receives, up to `size`.
std::string overfill(const Descriptor& socket, std::string_view bytes,
                     std::size_t size) {
  std::string received;
  std::vector<char> part(1 << 20);
  bool receives = false;
  while (received.size() < size) {
    short events = receives ? POLLIN : 0;
    if (!bytes.empty()) events |= POLLOUT;
    pollfd watched{socket.get(), events, 0};
    const int ready = ::poll(&watched, 1, receives ? 5000 : 50);
    if (ready == 0 && receives) break;
    receives = receives || ready == 0 || bytes.empty();
    if ((watched.revents & POLLIN) != 0) {
      const ssize_t got = ::recv(socket.get(), part.data(), part.size(), 0);
      if (got <= 0) break;
      received.append(part.data(), static_cast<std::size_t>(got));
    }
    if ((watched.revents & POLLOUT) != 0) {
      const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(),
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) break;
      bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
  }
  return received;
}

TEST_CASE("the alternatives are those that are compared", "[alternatives]") {
  CHECK(names() == std::vector<std::string>{
                       "epoll", "epoll-edge", "asio", "asio-fiber",
                       "fiber-each", "fiber-request", "fiber-incomplete",
                       "shared-oneshot", "shared-edge", "handoff", "loops"});
}

TEST_CASE(
    "each alternative answers one request after the other on a connection",
    "[alternatives]") {
  for_each_alternative([](std::uint16_t port) {
    const Descriptor socket = connect_to(port);
    for (int i = 0; i < 3; ++i) {
      send(socket.get(), kBareRequest);
      CHECK(answers(socket.get(), 1) == 1);
    }
    CHECK(ends_after_us(socket));
  });
}

TEST_CASE("each alternative answers requests that come together",
          "[alternatives]") {
  for_each_alternative([](std::uint16_t port) {
    const Descriptor socket = connect_to(port);
    send(socket.get(), kBareRequest + kBareRequest);
    CHECK(answers(socket.get(), 2) == 2);

    std::string many;
    for (int i = 0; i < 500; ++i) many += kBareRequest;
    send(socket.get(), many);
    CHECK(answers(socket.get(), 500) == 500);
    CHECK(ends_after_us(socket));
  });
}

TEST_CASE("each alternative answers a request that comes byte by byte",
          "[alternatives]") {
  for_each_alternative([](std::uint16_t port) {
    const Descriptor socket = connect_to(port);
    for (int i = 0; i < 2; ++i) {
      for (const char byte : kBareRequest) send(socket.get(), {byte});
      CHECK(answers(socket.get(), 1) == 1);
    }
    // A whole one and the first half of the next.
    send(socket.get(), kBareRequest + kBareRequest.substr(0, 9));
    CHECK(answers(socket.get(), 1) == 1);
    send(socket.get(), kBareRequest.substr(9));
    CHECK(answers(socket.get(), 1) == 1);
    CHECK(ends_after_us(socket));
  });
}

TEST_CASE("each alternative answers what was sent before the end",
          "[alternatives]") {
  for_each_alternative([](std::uint16_t port) {
    const Descriptor socket = connect_to(port);
    send(socket.get(), kBareRequest);
    ::shutdown(socket.get(), SHUT_WR);
    CHECK(answers(socket.get(), 1) == 1);
    CHECK(ends_after_us(socket));
  });
}

TEST_CASE("each alternative keeps answers that its client does not yet take",
          "[alternatives]") {
  // 131 bytes each, 7.8 MB together: more than two sockets hold.
  constexpr std::size_t kRequests = 60000;
  const std::string answer =
      "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
      "Server: bare\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n"
      "Hello, world!";
  std::string requests;
  std::string expected;
  for (std::size_t i = 0; i < kRequests; ++i) {
    requests += kBareRequest;
    expected += answer;
  }
  for_each_alternative([&](std::uint16_t port) {
    const Descriptor socket = connect_to(port);
    CHECK((overfill(socket, requests, expected.size()) == expected));
    send(socket.get(), kBareRequest);
    CHECK(answers(socket.get(), 1) == 1);
  });
}

TEST_CASE("each alternative serves 100 connections at once, and others after",
          "[alternatives]") {
  for_each_alternative([](std::uint16_t port) {
    for (int time = 0; time < 3; ++time) {
      std::vector<Descriptor> sockets;
      for (int i = 0; i < 100; ++i) sockets.push_back(connect_to(port));
      int answered = 0;
      for (int i = 0; i < 5; ++i) {
        for (const Descriptor& socket : sockets)
          send(socket.get(), kBareRequest);
        for (const Descriptor& socket : sockets)
          answered += answers(socket.get(), 1);
      }
      CHECK(answered == 500);
    }
  });
}

TEST_CASE("each alternative stops with connections in the middle of a request",
          "[alternatives]") {
  for (const std::string& name : names()) {
    INFO(name);
    Program server("alternatives", {"--loop", name});
    const std::uint16_t port = port_of(server);
    const Descriptor first = connect_to(port);
    send(first.get(), kBareRequest + kBareRequest.substr(0, 9));
    CHECK(answers(first.get(), 1) == 1);
    server.process().signal(SIGINT);
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("a pool of the alternatives answers with one thread and with several",
          "[alternatives]") {
  for (const std::string count : {"1", "5"}) {
    for (const std::string name :
         {"shared-oneshot", "shared-edge", "handoff", "loops"}) {
      INFO(name << " with " << count);
      Program server("alternatives", {"--loop", name, "--threads", count});
      const std::uint16_t port = port_of(server);
      std::vector<Descriptor> sockets;
      for (int i = 0; i < 20; ++i) sockets.push_back(connect_to(port));
      for (const Descriptor& socket : sockets) send(socket.get(), kBareRequest);
      for (const Descriptor& socket : sockets)
        CHECK(answers(socket.get(), 1) == 1);
      server.process().signal(SIGTERM);
      CHECK(server.exit_code() == 0);
    }
  }
}

TEST_CASE("the alternatives refuse what they cannot do", "[alternatives]") {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"--loop"},
      {"--loop", "surprise"},
      {"--loop", "epoll", "--port", "70000"},
      {"--loop", "epoll", "--threads", "2"},
      {"--loop", "loops", "--threads", "0"},
      {"--list", "--loop", "epoll"}};
  for (const auto& arguments : wrong) {
    Program usage("alternatives", arguments);
    CHECK(usage.line() ==
          "usage: alternatives --loop NAME [--port N] [--threads N]");
    CHECK(usage.exit_code() == 2);
  }

  Program first("alternatives", {"--loop", "epoll"});
  const std::string port = std::to_string(port_of(first));
  Program second("alternatives", {"--loop", "asio", "--port", port});
  CHECK(second.rest() == "alternatives: cannot listen on 127.0.0.1:" + port +
                             ": Address already in use\n");
  CHECK(second.exit_code() == 1);
}

}  // namespace
}  // namespace launch::bench
