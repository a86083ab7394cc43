#include "modes/engine/acceptor.hpp"

#include <fcntl.h>

#include <vector>

#include "modes/supervisor/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/sit.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

/// A listener with connections that wait in its queue.
struct Queue {
  Bound bound = bind_listener("127.0.0.1", 0);
  std::vector<RawClient> clients;
  std::vector<std::unique_ptr<Connection>> taken;

  void connect(int count) {
    for (int i = 0; i < count; ++i) clients.emplace_back(bound.port);
  }
  Acceptor::Take take() {
    return [this](std::unique_ptr<Connection> connection) {
      taken.push_back(std::move(connection));
    };
  }
};

}  // namespace

using Answer = AcceptTurn::Answer;

TEST_CASE("a worker with no more than any other accepts", "[acceptor]") {
  AcceptTurn turn;
  CHECK(turn.ask(0, 0, 0) == Answer::take);
  CHECK(turn.ask(5, 5, 3) == Answer::take);
  CHECK(turn.ask(0, 7, 0) == Answer::take);
}

TEST_CASE("a worker with more steps back, but not for ever", "[acceptor]") {
  struct Step {
    std::int64_t mine;
    std::int64_t fewest;
    Answer answer;
  };
  const std::vector<Step> steps{
      {1, 0, Answer::step_back},
      {1, 0, Answer::step_back},
      {1, 0, Answer::step_back},
      {1, 0, Answer::take},
      // a new patience begins
      {2, 0, Answer::step_back},
      {2, 0, Answer::step_back},
      // its turn has come: the steps back are forgotten
      {2, 2, Answer::take},
      {3, 2, Answer::step_back},
      {3, 2, Answer::step_back},
      {3, 2, Answer::step_back},
      {3, 2, Answer::take},
  };
  AcceptTurn turn;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    CHECK(turn.ask(steps[i].mine, steps[i].fewest, 0) == steps[i].answer);
  }
}

TEST_CASE("nobody steps back while connections are brief", "[acceptor]") {
  AcceptTurn turn;
  for (int i = 0; i < 15; ++i) turn.closed(true);
  CHECK(turn.ask(2, 1, 0) == Answer::step_back);
  turn.closed(true);
  CHECK(turn.ask(2, 1, 0) == Answer::take);
  CHECK(turn.ask(2, 1, 1) == Answer::leave);
  CHECK(turn.ask(2, 2, 1) == Answer::take);
  // A lasting one makes up for a brief one.
  turn.closed(false);
  CHECK(turn.ask(2, 1, 0) == Answer::step_back);
}

TEST_CASE("brief connections are forgotten within seconds", "[acceptor]") {
  AcceptTurn turn;
  for (int i = 0; i < 1000; ++i) turn.closed(true);
  CHECK(turn.ask(2, 1, 0) == Answer::take);
  turn.second_passed();  // of the 32 that count, 16 are left
  CHECK(turn.ask(2, 1, 0) == Answer::take);
  turn.second_passed();
  CHECK(turn.ask(2, 1, 0) == Answer::step_back);
}

TEST_CASE("lasting connections count for no more than brief ones do",
          "[acceptor]") {
  AcceptTurn turn;
  for (int i = 0; i < 1000; ++i) turn.closed(false);
  for (int i = 0; i < 16; ++i) turn.closed(true);
  CHECK(turn.ask(2, 1, 0) == Answer::take);
}

TEST_CASE("an acceptor takes what is queued, at most so many", "[acceptor]") {
  Queue queue;
  Scoreboard board = Scoreboard::create();
  Acceptor acceptor{{queue.bound.fd.get()}, board, 1};
  CHECK(acceptor.accept(acceptor.listeners().front(), 8, queue.take()) ==
        AcceptPause::none);
  CHECK(queue.taken.empty());

  queue.connect(5);
  CHECK(acceptor.accept(acceptor.listeners().front(), 3, queue.take()) ==
        AcceptPause::none);
  CHECK(queue.taken.size() == 3);
  CHECK(acceptor.accept(acceptor.listeners().front(), 8, queue.take()) ==
        AcceptPause::none);
  CHECK(queue.taken.size() == 5);
  CHECK(board.seat(1).accepted == 5);
  CHECK(board.seat(1).connections == 5);

  const Connection& first = *queue.taken.front();
  CHECK(first.remote.ip == "127.0.0.1");
  CHECK(first.remote.port > 0);
  CHECK(first.local.ip == "127.0.0.1");
  CHECK(first.local.port == queue.bound.port);
  CHECK(::fcntl(first.fd.get(), F_GETFD) == FD_CLOEXEC);
  CHECK((::fcntl(first.fd.get(), F_GETFL) & O_NONBLOCK) != 0);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ::getsockopt(first.fd.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  CHECK(no_delay == 1);
}

TEST_CASE("a worker leaves connections to one that has fewer", "[acceptor]") {
  Queue queue;
  queue.connect(4);
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 101);
  sit(board, 2, 102);
  Acceptor first{{queue.bound.fd.get()}, board, 1};
  Acceptor second{{queue.bound.fd.get()}, board, 2};
  CHECK(first.accept(first.listeners().front(), 8, queue.take()) ==
        AcceptPause::turn);
  CHECK(board.seat(1).connections == 1);
  CHECK(second.accept(second.listeners().front(), 8, queue.take()) ==
        AcceptPause::turn);
  CHECK(board.seat(2).connections == 2);
  CHECK(first.accept(first.listeners().front(), 8, queue.take()) ==
        AcceptPause::none);
  CHECK(board.seat(1).connections == 2);
}

TEST_CASE("of brief connections a worker takes one at a time", "[acceptor]") {
  Queue queue;
  queue.connect(4);
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 101);
  sit(board, 2, 102);
  board.seat(2).connections = 2;
  Acceptor first{{queue.bound.fd.get()}, board, 1};
  for (int i = 0; i < AcceptTurn::kBrief; ++i) first.closed(true);
  // As many as the other has and one more, then one for each look.
  CHECK(first.accept(first.listeners().front(), 8, queue.take()) ==
        AcceptPause::none);
  CHECK(board.seat(1).connections == 3);
  CHECK(first.accept(first.listeners().front(), 8, queue.take()) ==
        AcceptPause::none);
  CHECK(board.seat(1).connections == 4);
}

TEST_CASE("nobody steps back where the kernel says whose turn it is",
          "[acceptor]") {
  Queue queue;
  queue.connect(4);
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 101);
  sit(board, 2, 102);
  Acceptor first{{queue.bound.fd.get()}, board, 1, AcceptStrategy::exclusive};
  CHECK(first.accept(first.listeners().front(), 8, queue.take()) ==
        AcceptPause::none);
  CHECK(board.seat(1).connections == 4);
}

TEST_CASE("a dead worker's count holds nobody back", "[acceptor]") {
  Queue queue;
  queue.connect(3);
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 101);
  Acceptor first{{queue.bound.fd.get()}, board, 1};
  CHECK(first.accept(first.listeners().front(), 8, queue.take()) ==
        AcceptPause::none);
  CHECK(board.seat(1).connections == 3);
}

TEST_CASE("at the end everything queued is taken, whoever's turn it is",
          "[acceptor]") {
  Queue queue;
  queue.connect(3);
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 101);
  sit(board, 2, 102);
  Acceptor first{{queue.bound.fd.get()}, board, 1};
  first.accept_queued(queue.take());
  CHECK(queue.taken.size() == 3);
}

TEST_CASE("a client's IPv6 address is told", "[acceptor]") {
  Bound bound;
  try {
    bound = bind_listener("::1", 0);
  } catch (const std::runtime_error&) {
    WARN("this machine has no IPv6");
    return;
  }
  const Descriptor client{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(bound.port);
  address.sin6_addr = in6addr_loopback;
  REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address),
                    sizeof address) == 0);
  Scoreboard board = Scoreboard::create();
  Acceptor acceptor{{bound.fd.get()}, board, 1};
  acceptor.accept(acceptor.listeners().front(), 1,
                  [&](std::unique_ptr<Connection> connection) {
                    CHECK(connection->remote.ip == "::1");
                    CHECK(connection->local.port == bound.port);
                  });
  CHECK(board.seat(1).accepted == 1);
}

TEST_CASE("a client of a Unix socket has no address, but its socket has",
          "[acceptor]") {
  const TemporaryFolder folder;
  const Bound tcp = bind_listener("127.0.0.1", 0);
  const Bound local = listen_on(UnixAddress{folder.file("socket")}, {});
  Scoreboard board = Scoreboard::create();
  Acceptor acceptor{{tcp.fd.get(), local.fd.get()}, board, 1};
  const Descriptor clients[]{connect_to(local.url), connect_to(tcp.url)};

  std::vector<std::unique_ptr<Connection>> taken;
  acceptor.accept_queued([&](std::unique_ptr<Connection> connection) {
    taken.push_back(std::move(connection));
  });
  REQUIRE(taken.size() == 2);
  CHECK(taken[0]->remote.ip == "127.0.0.1");
  CHECK(taken[0]->local.port == tcp.port);
  CHECK(taken[1]->remote.ip == "unix:");
  CHECK(taken[1]->remote.port == 0);
  CHECK(taken[1]->local.ip == "unix:" + folder.file("socket"));
  CHECK(taken[1]->local.port == 0);
  CHECK((::fcntl(taken[1]->fd.get(), F_GETFL) & O_NONBLOCK) != 0);
}

TEST_CASE("each listener's queue is its own, whose turn it is is not",
          "[acceptor]") {
  const Bound one = bind_listener("127.0.0.1", 0);
  const Bound two = bind_listener("127.0.0.1", 0);
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 101);
  sit(board, 2, 102);
  Acceptor acceptor{{one.fd.get(), two.fd.get()}, board, 1};
  const Descriptor clients[]{connect_to(one.url), connect_to(two.url)};
  const Acceptor::Take drop = [](std::unique_ptr<Connection>) {};
  // Step back 1, 2 and 3 are spent on either, then the patience is over.
  CHECK(acceptor.accept(acceptor.listeners()[0], 1, drop) == AcceptPause::none);
  CHECK(acceptor.accept(acceptor.listeners()[0], 1, drop) == AcceptPause::turn);
  CHECK(acceptor.accept(acceptor.listeners()[1], 1, drop) == AcceptPause::turn);
  CHECK(acceptor.accept(acceptor.listeners()[0], 1, drop) == AcceptPause::turn);
  CHECK(acceptor.accept(acceptor.listeners()[1], 1, drop) == AcceptPause::none);
  CHECK(board.seat(1).accepted == 2);
}
