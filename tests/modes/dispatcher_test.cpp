#include "modes/engine/dispatcher.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/talk.hpp"

using namespace launch;

namespace {

/// A connection that a dispatcher knows, and its client.
struct Peer {
  explicit Peer(Dispatcher& dispatcher) {
    connection->fd = std::move(sockets.server);
    dispatcher.poller().add(connection->fd.get(), Dispatcher::kInput,
                            connection.get());
  }
  void send(const std::string& bytes) const {
    REQUIRE(::send(sockets.client.get(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
  }

  SocketPair sockets;
  std::unique_ptr<Connection> connection = std::make_unique<Connection>();
};

std::size_t receive(const Connection& connection) {
  std::array<char, 64> bytes;
  const auto n =
      ::recv(connection.fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

/// The threads of a dispatcher, each of which serves until the end.
struct Crew {
  template <typename Serve>
  Crew(Dispatcher& to_serve, std::size_t count, const Serve& serve)
      : dispatcher(to_serve) {
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([this, i, serve] {
        while (Source* const source = dispatcher.next(i)) {
          if (source->kind == Source::Kind::finished) {
            dispatcher.finish();
          } else {
            serve(i, static_cast<Connection&>(*source));
          }
        }
      });
  }
  ~Crew() {
    for (std::thread& thread : threads) thread.join();
  }

  Dispatcher& dispatcher;
  std::vector<std::thread> threads;
};

/// Ends a crew, whoever polls.
struct End {
  explicit End(Dispatcher& dispatcher) {
    dispatcher.poller().add(wake_up.fd.get(), EPOLLIN, &wake_up);
  }
  void now() const { give(wake_up.fd.get()); }
  WakeUp wake_up{Source::Kind::finished, make_event()};
};

}  // namespace

TEST_CASE("what comes while a connection is served brings it again",
          "[dispatcher]") {
  Dispatcher dispatcher{GENERATE(1u, 2u)};
  const Peer client{dispatcher};
  client.send("a");
  REQUIRE(dispatcher.next(0) == client.connection.get());
  CHECK(receive(*client.connection) == 1);
  client.send("b");
  dispatcher.done(*client.connection, false);
  REQUIRE(dispatcher.next(0) == client.connection.get());
  CHECK(receive(*client.connection) == 1);

  // Or when who served it wants it so.
  dispatcher.done(*client.connection, true);
  REQUIRE(dispatcher.next(0) == client.connection.get());
  CHECK(receive(*client.connection) == 0);
  CHECK_FALSE(client.connection->ended);

  // The end is told too.
  ::shutdown(client.sockets.client.get(), SHUT_WR);
  dispatcher.done(*client.connection, false);
  REQUIRE(dispatcher.next(0) == client.connection.get());
  CHECK(client.connection->ended);
}

TEST_CASE("one thread at a time serves a connection, and no event is lost",
          "[dispatcher]") {
  constexpr std::size_t kClients = 8;
  constexpr std::size_t kBytes = 2000;  // of each client
  Dispatcher dispatcher{4};
  const End end{dispatcher};
  std::vector<Peer> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.emplace_back(dispatcher);
  std::atomic<std::size_t> received{0};
  std::atomic<bool> twice{false};
  {
    const Crew crew{dispatcher, 4,
                    [&](std::size_t thread, Connection& connection) {
                      // Nothing but the turn keeps two threads from this at
                      // once.
                      if (connection.index != 0) twice = true;
                      connection.index = thread + 1;
                      while (const std::size_t n = receive(connection))
                        received += n;
                      connection.index = 0;
                      dispatcher.done(connection, false);
                    }};
    for (std::size_t i = 0; i < kBytes; ++i)
      for (const Peer& client : clients) client.send("x");
    CHECK(eventually([&] { return received == kClients * kBytes; }));
    end.now();
  }
  CHECK_FALSE(twice);
}

TEST_CASE("a thread that is kept by a handler is replaced", "[dispatcher]") {
  Dispatcher dispatcher{3};
  const End end{dispatcher};
  const Peer first{dispatcher};
  const Peer second{dispatcher};
  const Peer third{dispatcher};
  Gate gate;
  std::atomic<int> served{0};
  {
    const Crew crew{dispatcher, 3, [&](std::size_t, Connection& connection) {
                      receive(connection);
                      if (&connection != third.connection.get()) gate.pass();
                      ++served;
                      dispatcher.done(connection, false);
                    }};
    first.send("x");
    REQUIRE(gate.holds(1));
    second.send("x");
    REQUIRE(gate.holds(2));
    third.send("x");
    CHECK(eventually([&] { return served == 1; }));
    third.send("x");
    CHECK(eventually([&] { return served == 2; }));
    gate.open();
    CHECK(eventually([&] { return served == 4; }));
    end.now();
  }
}

TEST_CASE("what belongs to a thread is served by it, wherever that waits",
          "[dispatcher]") {
  Dispatcher dispatcher{3};
  const End end{dispatcher};
  std::vector<Peer> clients;
  for (std::size_t i = 0; i < 3; ++i) {
    clients.emplace_back(dispatcher);
    clients.back().connection->owner = i;
  }
  std::atomic<int> served{0};
  std::atomic<bool> elsewhere{false};
  {
    const Crew crew{dispatcher, 3,
                    [&](std::size_t thread, Connection& connection) {
                      if (connection.owner != thread) elsewhere = true;
                      receive(connection);
                      ++served;
                      dispatcher.done(connection, false);
                    }};
    for (int round = 1; round <= 20; ++round) {
      for (const Peer& client : clients) client.send("x");
      REQUIRE(eventually([&] { return served >= 3 * round; }));
    }
    end.now();
  }
  CHECK_FALSE(elsewhere);
}

TEST_CASE("a retired connection is kept until nothing can report it",
          "[dispatcher]") {
  Dispatcher dispatcher{1};
  Peer gone{dispatcher};
  const Peer other{dispatcher};
  gone.send("x");
  REQUIRE(dispatcher.next(0) == gone.connection.get());
  dispatcher.poller().remove(gone.connection->fd.get());
  // The releaser of its answer tells when it goes.
  bool released = false;
  HostedServer server;
  const Responder responder{server};
  StackPool stacks;
  const std::atomic<bool> closing{false};
  Responder::Made made;
  made.response.set_content_provider(
      "text/plain", [](std::size_t, httplib::DataSink&) { return false; },
      [&](bool) { released = true; });
  gone.connection->streamed = std::make_unique<StreamedAnswer>(
      responder, stacks,
      StreamedAnswer::Parts{.fd = -1,
                            .made = std::move(made),
                            .request = {},
                            .client = {},
                            .local = {},
                            .persistence = Persistence::none,
                            .date = {}},
      closing);
  dispatcher.retire(std::move(gone.connection));
  CHECK_FALSE(released);
  other.send("x");
  CHECK(dispatcher.next(0) == other.connection.get());
  CHECK(released);
}
