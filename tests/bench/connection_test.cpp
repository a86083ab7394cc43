#include "bench/load/connection.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/canned_server.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using Step = Connection::Step;

/// A connection and the other end of it, both moved by hand.
struct Pair {
  std::uint16_t port = 0;
  Descriptor listener = listen_locally(port);
  Descriptor peer;
  Endpoint endpoint = resolve("127.0.0.1", port);
  Descriptor epoll{::epoll_create1(EPOLL_CLOEXEC)};
  std::vector<char> buffer = std::vector<char>(4096);
  Connection connection{endpoint, epoll.get(), buffer};
  Request request = render_request(RequestKind{}, "127.0.0.1", port);

  /// What the next event leads to; pending when none comes within 2 s.
  Step next() {
    epoll_event event{};
    if (::epoll_wait(epoll.get(), &event, 1, 2000) != 1) return Step::pending;
    // Packed: nothing may refer to its member.
    void* const source = event.data.ptr;
    CHECK(source == &connection);
    return connection.on_events(event.events);
  }

  void connect_and_send() {
    CHECK(connection.open() == Step::pending);
    CHECK(next() == Step::connected);
    peer.reset(::accept(listener.get(), nullptr, nullptr));
    CHECK(connection.send(request) == Step::pending);
  }

  void answer(const std::string& bytes) const {
    CHECK(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
  }
};

TEST_CASE("a request goes out whole and its answer comes back",
          "[connection]") {
  Pair pair;
  pair.connect_and_send();
  CHECK(pair.connection.is_waiting());
  std::string received(1000, '\0');
  received.resize(static_cast<std::size_t>(
      ::recv(pair.peer.get(), received.data(), received.size(), 0)));
  CHECK(received == pair.request.bytes);

  pair.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
  CHECK(pair.next() == Step::pending);
  pair.answer("k");
  CHECK(pair.next() == Step::answered);
  CHECK(pair.connection.status() == 200);
  CHECK(pair.connection.is_reusable());
  CHECK(pair.connection.has_answered());
}

TEST_CASE("an answer larger than the buffer is read to its end",
          "[connection]") {
  Pair pair;
  pair.connect_and_send();
  pair.answer("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" +
              std::string(100'000, 'x'));
  Step step = Step::pending;
  for (int i = 0; i < 10 && step == Step::pending; ++i) step = pair.next();
  CHECK(step == Step::answered);
}

TEST_CASE("a peer that closed is not used again", "[connection]") {
  Pair pair;
  pair.connect_and_send();
  pair.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ::shutdown(pair.peer.get(), SHUT_WR);
  CHECK(pair.next() == Step::answered);
  CHECK_FALSE(pair.connection.is_reusable());
}

TEST_CASE("a reset is a read error that names it", "[connection]") {
  Pair pair;
  pair.connect_and_send();
  const linger at_once{1, 0};
  ::setsockopt(pair.peer.get(), SOL_SOCKET, SO_LINGER, &at_once,
               sizeof at_once);
  pair.peer.reset();
  CHECK(pair.next() == Step::failed);
  CHECK(pair.connection.error() == ErrorKind::closed);
  CHECK(pair.connection.describe_failure() ==
        "GET /: the answer could not be read: "
        "Connection reset by peer (ECONNRESET)");
}

TEST_CASE("a keep-alive connection closed before the answer is a read error",
          "[connection]") {
  Pair pair;
  pair.connect_and_send();
  pair.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  CHECK(pair.next() == Step::answered);
  CHECK(pair.connection.send(pair.request) == Step::pending);
  ::shutdown(pair.peer.get(), SHUT_WR);
  CHECK(pair.next() == Step::failed);
  CHECK(pair.connection.error() == ErrorKind::closed);
  CHECK(pair.connection.describe_failure() ==
        "GET /: the connection was closed without an answer");
}

TEST_CASE("an answer before the request is out ends the connection",
          "[connection]") {
  Pair pair;
  RequestKind large;
  large.method = "POST";
  large.body.assign(32'000'000, 'x');
  pair.request = render_request(large, "127.0.0.1", pair.port);
  pair.connect_and_send();
  pair.answer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  Step step = Step::pending;
  for (int i = 0; i < 10 && step == Step::pending; ++i) step = pair.next();
  CHECK(step == Step::answered);
  CHECK(pair.connection.status() == 413);
  CHECK_FALSE(pair.connection.is_reusable());
  CHECK(pair.connection.describe_status() ==
        "POST /: answered \"HTTP/1.1 413 Too Large\"");
}

TEST_CASE("what is no HTTP answer is a read error", "[connection]") {
  Pair pair;
  pair.connect_and_send();
  pair.answer("220 mail.example ESMTP\r\n");
  CHECK(pair.next() == Step::failed);
  CHECK(pair.connection.error() == ErrorKind::read);
}

TEST_CASE("a resting connection is used again, or found closed",
          "[connection]") {
  Pair pair;
  pair.connect_and_send();
  pair.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  CHECK(pair.next() == Step::answered);
  pair.connection.rest();
  CHECK(pair.connection.is_resting());
  CHECK_FALSE(pair.connection.is_waiting());

  CHECK(pair.connection.send(pair.request) == Step::pending);
  pair.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  CHECK(pair.next() == Step::answered);

  pair.connection.rest();
  ::shutdown(pair.peer.get(), SHUT_WR);
  CHECK(pair.next() == Step::pending);
  CHECK(pair.connection.is_closed());
}

TEST_CASE("a refused connection is a kind of its own", "[connection]") {
  Pair pair;
  pair.listener.reset();
  Step step = pair.connection.open();
  if (step == Step::pending) step = pair.next();
  CHECK(step == Step::failed);
  CHECK(pair.connection.error() == ErrorKind::refused);
  CHECK_FALSE(pair.connection.has_answered());
}

TEST_CASE("time runs out for a connect or for an answer", "[connection]") {
  Pair pair;
  CHECK(pair.connection.open() == Step::pending);
  CHECK(pair.connection.time_out() == Step::failed);
  CHECK(pair.connection.error() == ErrorKind::connect);
  CHECK_THAT(pair.connection.describe_failure(),
             Catch::Matchers::EndsWith("(ETIMEDOUT)"));

  pair.connect_and_send();
  CHECK(pair.connection.time_out() == Step::failed);
  CHECK(pair.connection.error() == ErrorKind::timeout);
  CHECK(pair.connection.describe_failure() ==
        "GET /: no complete answer within the time-out");
}

TEST_CASE("hosts are resolved, addresses of both families", "[connection]") {
  CHECK(resolve("127.0.0.1", 80).name == "127.0.0.1:80");
  CHECK(resolve("::1", 80).address.ss_family == AF_INET6);
  CHECK_THROWS_AS(resolve("no such host", 80), std::invalid_argument);
}

}  // namespace
}  // namespace launch::bench
