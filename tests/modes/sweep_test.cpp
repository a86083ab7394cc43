#include "modes/engine/sweep.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>

#include "modes/supervisor/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_client.hpp"

using namespace launch;

namespace {

constexpr Patience kPatience{.keep_alive = seconds{10},
                             .head = seconds{5},
                             .body = {seconds{3}, 1000},
                             .write = {seconds{4}, 100'000}};

/// A connection and its client. Time is what the test says.
struct Pair {
  Bound bound = bind_listener("127.0.0.1", 0);
  RawClient client{bound.port, 4096};
  Connection connection;

  explicit Pair(Waiting waiting, std::uint32_t since = 100) {
    int fd = -1;
    REQUIRE(eventually([&] {
      fd = ::accept4(bound.fd.get(), nullptr, nullptr, SOCK_NONBLOCK);
      return fd >= 0;
    }));
    connection.fd = Descriptor{fd};
    connection.waiting = waiting;
    connection.since = since;
  }

  bool reading_ended() const {
    char byte = 0;
    return ::recv(connection.fd.get(), &byte, 1, MSG_PEEK) == 0;
  }
  bool writing_ended() const {
    return ::send(connection.fd.get(), "x", 1, MSG_NOSIGNAL) < 0 &&
           errno == EPIPE;
  }

  /// Sends until the kernel takes no more.
  void fill() {
    const std::string bytes(1 << 20, 'x');
    std::size_t sent = 0;
    while (true) {
      const auto n =
          ::send(connection.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
    connection.progress = static_cast<std::uint32_t>(sent);
  }
  std::uint32_t taken() const {
    return connection.progress - unacknowledged(connection.fd.get());
  }
};

}  // namespace

TEST_CASE("a sweep ends the reading of a request that does not come",
          "[sweep]") {
  struct Row {
    Waiting waiting;
    std::uint32_t last;  ///< tick at which nothing happens yet
  };
  for (const Row& row : {Row{Waiting::first, 110}, Row{Waiting::request, 110},
                         Row{Waiting::head, 105}, Row{Waiting::body, 103}}) {
    CAPTURE(static_cast<int>(row.waiting));
    Pair pair{row.waiting};
    sweep(pair.connection, row.last, kPatience);
    CHECK_FALSE(pair.reading_ended());
    sweep(pair.connection, row.last + 1, kPatience);
    CHECK(pair.reading_ended());
    CHECK_FALSE(pair.writing_ended());
  }
}

TEST_CASE("a sweep ends a refused connection as a whole", "[sweep]") {
  for (const Waiting waiting : {Waiting::end, Waiting::late}) {
    Pair pair{waiting};
    sweep(pair.connection, 102, kPatience);
    CHECK_FALSE(pair.writing_ended());
    sweep(pair.connection, 103, kPatience);
    CHECK(pair.reading_ended());
    CHECK(pair.writing_ended());
  }
}

TEST_CASE("a sweep leaves a running handler alone", "[sweep]") {
  Pair pair{Waiting::handler};
  sweep(pair.connection, 1'000'000, kPatience);
  CHECK_FALSE(pair.reading_ended());
}

TEST_CASE("a sweep answers in place of a handler that takes too long",
          "[sweep]") {
  Patience patience = kPatience;
  patience.handler = seconds{6};
  for (const bool head_only : {false, true}) {
    CAPTURE(head_only);
    Pair pair{Waiting::handler};
    pair.connection.claim.begin(100, head_only);
    CHECK_FALSE(sweep(pair.connection, 106, patience));
    CHECK_FALSE(pair.client.has_news());
    CHECK(sweep(pair.connection, 107, patience));
    const std::string answer = pair.client.receive_all();
    CHECK(answer.starts_with("HTTP/1.1 504 Gateway Timeout\r\n"));
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n") == head_only);
    CHECK_FALSE(sweep(pair.connection, 200, patience));  // once
  }
}

TEST_CASE("a body that keeps pace has its time again, one that drips has not",
          "[sweep]") {
  Pair pair{Waiting::body};
  pair.connection.mark = 50;
  pair.connection.progress = 1050;
  sweep(pair.connection, 102, kPatience);
  CHECK(pair.connection.since == 102);
  CHECK(pair.connection.mark == 1050);
  sweep(pair.connection, 105, kPatience);
  CHECK_FALSE(pair.reading_ended());
  pair.connection.progress = 2049;  // a byte too few
  sweep(pair.connection, 106, kPatience);
  CHECK(pair.reading_ended());
}

TEST_CASE(
    "a client that takes its answer has its time again, one that does "
    "not is cut",
    "[sweep]") {
  Pair pair{Waiting::client};
  pair.fill();
  REQUIRE(unacknowledged(pair.connection.fd.get()) > 200'000);
  pair.connection.mark = pair.taken();
  const std::uint32_t before = pair.taken();
  std::array<char, 4096> buffer;
  REQUIRE(eventually([&] {
    static_cast<void>(
        ::recv(pair.client.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT));
    return pair.taken() - before >= 100'000;
  }));
  sweep(pair.connection, 104, kPatience);
  CHECK(pair.connection.since == 104);
  CHECK(pair.connection.mark - before >= 100'000);

  // From now on it takes a little at most.
  pair.connection.mark = pair.taken();
  sweep(pair.connection, 108, kPatience);
  CHECK_FALSE(pair.writing_ended());
  sweep(pair.connection, 109, kPatience);
  CHECK(pair.writing_ended());
  // What the kernel still kept for it goes with the connection.
  pair.connection.fd.reset();
  ssize_t n = 0;
  std::size_t left = 0;
  while ((n = ::recv(pair.client.fd(), buffer.data(), buffer.size(), 0)) > 0)
    left += static_cast<std::size_t>(n);
  CHECK(n < 0);
  CHECK(left < 100'000);
}

TEST_CASE("a client that leaves what the kernel has for it is cut", "[sweep]") {
  // Its answer is looked at after 1, 5 and 9 ticks, as it is to take 100 000
  // bytes in each 4 s.
  Pair pair{Waiting::request};
  pair.fill();
  for (std::uint32_t tick = 101; tick <= 104; ++tick)
    sweep(pair.connection, tick, kPatience);
  CHECK_FALSE(pair.reading_ended());
  SECTION("at its time") {
    sweep(pair.connection, 105, kPatience);
    CHECK(pair.reading_ended());
    CHECK(pair.writing_ended());
  }
  SECTION("later, if it took enough meanwhile") {
    const std::uint32_t before = pair.taken();
    REQUIRE(eventually([&] {
      std::array<char, 65'536> part;
      ::recv(pair.client.fd(), part.data(), part.size(), MSG_DONTWAIT);
      return pair.taken() - before >= 100'000;
    }));
    for (std::uint32_t tick = 105; tick <= 108; ++tick)
      sweep(pair.connection, tick, kPatience);
    CHECK_FALSE(pair.reading_ended());
    sweep(pair.connection, 109, kPatience);
    CHECK(pair.reading_ended());
  }
  SECTION("never, once it has taken all") {
    REQUIRE(eventually([&] {
      std::array<char, 65'536> part;
      ::recv(pair.client.fd(), part.data(), part.size(), MSG_DONTWAIT);
      return unacknowledged(pair.connection.fd.get()) == 0;
    }));
    for (std::uint32_t tick = 105; tick <= 110; ++tick)
      sweep(pair.connection, tick, kPatience);
    CHECK_FALSE(pair.reading_ended());
  }
}
