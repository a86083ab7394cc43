#include "bench/compare/probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "modes/base/descriptor.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

Descriptor listen_on_loopback(std::uint16_t& port) {
  Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(listener.get(), generic, size) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  REQUIRE(::getsockname(listener.get(), generic, &size) == 0);
  port = ntohs(address.sin_port);
  return listener;
}

/// Reads one request and gives one answer, then closes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer)
      : listener_(listen_on_loopback(port_)),
        thread_([this, text = std::move(answer)] { serve(text); }) {}
  ~OneAnswer() { thread_.join(); }

  std::uint16_t port() const { return port_; }
  const std::string& request() const { return request_; }

 private:
  void serve(const std::string& answer) {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 5000) != 1) return;
    const Descriptor peer(::accept(listener_.get(), nullptr, nullptr));
    char buffer[4096];
    const ssize_t got = ::recv(peer.get(), buffer, sizeof buffer, 0);
    if (got > 0) request_.assign(buffer, static_cast<std::size_t>(got));
    ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  std::uint16_t port_ = 0;
  Descriptor listener_;
  std::string request_;
  std::thread thread_;
};

constexpr milliseconds kLimit{5000};

std::optional<std::string> probe_answer(const std::string& answer) {
  const OneAnswer server(answer);
  RequestKind kind;
  kind.target = "/nope";
  return probe("127.0.0.1", server.port(), kind, kLimit);
}

TEST_CASE("a good answer is nothing to tell", "[probe]") {
  CHECK_FALSE(probe_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  CHECK_FALSE(probe_answer("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"));
}

TEST_CASE("a bad status is told with the request", "[probe]") {
  CHECK(probe_answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") ==
        "GET /nope: answered \"HTTP/1.1 404 Not Found\"");
}

TEST_CASE("half an answer, or none, is told", "[probe]") {
  for (const char* answer :
       {"", "HTTP/1.1 200 OK\r\nContent-Len", "nonsense\r\n\r\n"}) {
    const auto wrong = probe_answer(answer);
    REQUIRE(wrong);
    CHECK_THAT(*wrong, Catch::StartsWith("GET /nope: "));
  }
}

TEST_CASE("a server that never answers meets the time-out", "[probe]") {
  std::uint16_t port = 0;
  const Descriptor listener = listen_on_loopback(port);
  CHECK(probe("127.0.0.1", port, RequestKind{}, milliseconds{50}) ==
        "GET /: no complete answer within the time-out");
}

TEST_CASE("any complete answer is one, a failure is none", "[probe]") {
  {
    const OneAnswer server(
        "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n");
    CHECK(answers("127.0.0.1", server.port(), kLimit));
  }
  std::uint16_t port = 0;
  {
    const OneAnswer server("nonsense\r\n\r\n");
    CHECK_FALSE(answers("127.0.0.1", server.port(), kLimit));
    port = server.port();
  }
  CHECK_FALSE(answers("127.0.0.1", port, kLimit));
}

TEST_CASE("a refused connection is told", "[probe]") {
  std::uint16_t port = 0;
  listen_on_loopback(port).reset();
  const auto wrong = probe("127.0.0.1", port, RequestKind{}, kLimit);
  REQUIRE(wrong);
  CHECK_THAT(*wrong, Catch::StartsWith("connecting to 127.0.0.1:") &&
                         Catch::Contains("refused"));
}

}  // namespace
}  // namespace launch::bench
