#include "modes/control/polled_clients.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"

using namespace launch;

namespace {

/// Answers each line with itself; "big" with more than a socket takes, "wait"
/// with nothing for now, and "end" ends the connection.
void echo(PolledClient& client) {
  const auto end = client.input.find('\n');
  if (end == std::string::npos) return;
  const std::string line = client.input.substr(0, end);
  client.input.erase(0, end + 1);
  client.waiting = line == "wait";
  client.finished = line == "end";
  if (!client.waiting)
    client.output = line == "big" ? std::string(64u << 20, 'x') : line + '\n';
}

struct Loop {
  explicit Loop(const ClientRules& rules = {}) : clients(bind_one(), rules) {}

  static std::vector<Bound> bind_one() {
    std::vector<Bound> bound;
    bound.push_back(bind_listener("127.0.0.1", 0));
    return bound;
  }
  RawClient connect() const {
    return RawClient{clients.listeners().front().port};
  }
  void turn() {
    std::vector<pollfd> polled{{-1, POLLIN, 0}};
    clients.add_to(polled);
    ::poll(polled.data(), polled.size(), 0);
    clients.serve(polled, now, echo);
  }
  bool until(const std::function<bool()>& condition) {
    return eventually([&] {
      turn();
      return condition();
    });
  }
  bool has(std::size_t count) {
    return until([&] { return clients.size() == count; });
  }

  PolledClients clients;
  Clock::time_point now = Clock::now();
};

}  // namespace

TEST_CASE("a message may come in parts, and another one behind it",
          "[polled_clients]") {
  Loop loop;
  RawClient client = loop.connect();
  client.send("he");
  REQUIRE(loop.until([&] { return loop.clients.size() == 1; }));
  client.send("llo\nyou\n");
  std::string got;
  REQUIRE(loop.until([&] {
    if (client.has_news()) {
      std::array<char, 64> buffer{};
      const auto size = ::recv(client.fd(), buffer.data(), buffer.size(), 0);
      got.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return got == "hello\nyou\n";
  }));
}

TEST_CASE("a client that stops within a message is cut", "[polled_clients]") {
  Loop loop{{.patience = seconds{5}, .idle = seconds{60}}};
  RawClient client = loop.connect();
  client.send("he");
  REQUIRE(loop.until(
      [&] { return loop.clients.deadline() == loop.now + seconds{5}; }));
  loop.now += seconds{3};
  client.send("l");  // a byte now and then gains no time
  loop.turn();
  CHECK(loop.clients.deadline() == loop.now + seconds{2});
  loop.now += seconds{2};
  loop.turn();
  CHECK(loop.clients.size() == 0);
  CHECK(client.is_closed());
  CHECK(loop.clients.deadline() == Clock::time_point::max());
}

TEST_CASE("the time of a silent client begins anew with each message",
          "[polled_clients]") {
  Loop loop{{.patience = seconds{5}, .idle = seconds{60}}};
  RawClient client = loop.connect();
  REQUIRE(loop.has(1));
  CHECK(loop.clients.deadline() == loop.now + seconds{60});
  loop.now += seconds{59};
  client.send("a\n");
  REQUIRE(loop.until([&] { return client.has_news(); }));
  CHECK(loop.clients.deadline() == loop.now + seconds{60});
  loop.now += seconds{60};
  loop.turn();
  CHECK(loop.clients.size() == 0);
}

TEST_CASE("a client that never reads blocks nobody and is cut",
          "[polled_clients]") {
  Loop loop{{.patience = seconds{5}, .idle = seconds{60}}};
  RawClient lazy = loop.connect();
  lazy.send("big\n");
  REQUIRE(loop.until(
      [&] { return loop.clients.deadline() == loop.now + seconds{5}; }));
  RawClient other = loop.connect();
  other.send("a\n");
  CHECK(loop.until([&] { return other.has_news(); }));
  loop.now += seconds{5};
  loop.turn();
  CHECK(loop.clients.size() == 1);
}

TEST_CASE("nothing is read from a client that is owed an answer",
          "[polled_clients]") {
  Loop loop;
  RawClient client = loop.connect();
  client.send("big\n");
  REQUIRE(loop.has(1));
  loop.until([&] { return client.has_news(); });
  client.send("a\nb\nc\n");
  for (int i = 0; i < 100; ++i) loop.turn();
  REQUIRE(loop.clients.find(1) != nullptr);
  CHECK(loop.clients.find(1)->input.empty());
}

TEST_CASE("a client that sends without end is cut", "[polled_clients]") {
  Loop loop;
  RawClient client = loop.connect();
  client.send("wait\n");
  REQUIRE(loop.until(
      [&] { return loop.clients.deadline() == Clock::time_point::max(); }));
  const std::string noise(8192, 'x');
  CHECK(loop.until([&] {
    ::send(client.fd(), noise.data(), noise.size(),
           MSG_DONTWAIT | MSG_NOSIGNAL);
    return loop.clients.size() == 0;
  }));
}

TEST_CASE("a client that waits for us may be silent for ever",
          "[polled_clients]") {
  Loop loop;
  RawClient client = loop.connect();
  client.send("wait\n");
  REQUIRE(loop.until([&] {
    return loop.clients.size() == 1 &&
           loop.clients.deadline() == Clock::time_point::max();
  }));
  loop.now += std::chrono::hours{24};
  loop.turn();
  REQUIRE(loop.clients.find(1) != nullptr);
  PolledClient& served = *loop.clients.find(1);
  served.waiting = false;
  served.output = "done\n";
  loop.clients.send(served, loop.now);
  CHECK(client.has_news());
}

TEST_CASE("a waiting client that ended only its direction is answered",
          "[polled_clients]") {
  Loop loop;
  RawClient client = loop.connect();
  client.send("wait\n");
  client.finish_sending();
  REQUIRE(loop.until([&] {
    const PolledClient* const served = loop.clients.find(1);
    return served != nullptr && !served->sends_more;
  }));
  PolledClient& served = *loop.clients.find(1);
  served.waiting = false;
  served.output = "done\n";
  loop.clients.send(served, loop.now);
  loop.turn();
  CHECK(client.receive_all() == "done\n");
  CHECK(loop.clients.size() == 0);
}

TEST_CASE("a connection that is finished ends when the client has all",
          "[polled_clients]") {
  Loop loop;
  RawClient client = loop.connect();
  client.send("end\nand more");
  REQUIRE(loop.until([&] { return client.has_news(); }));
  CHECK(client.receive_all() == "end\n");
  client.close();
  CHECK(loop.has(0));
}

TEST_CASE("clients beyond the most wait until one leaves", "[polled_clients]") {
  Loop loop{{.most = 2}};
  RawClient first = loop.connect();
  const RawClient second = loop.connect();
  RawClient third = loop.connect();
  third.send("a\n");
  REQUIRE(loop.has(2));
  for (int i = 0; i < 10; ++i) loop.turn();
  CHECK(loop.clients.size() == 2);
  CHECK_FALSE(third.has_news());
  first.close();
  CHECK(loop.until([&] { return third.has_news(); }));
}

TEST_CASE("who is not admitted is closed at once", "[polled_clients]") {
  Loop loop{{.admits = [](int) { return false; }}};
  RawClient client = loop.connect();
  REQUIRE(loop.until([&] { return client.has_news(); }));
  CHECK(client.is_closed());
  CHECK(loop.clients.size() == 0);
}
