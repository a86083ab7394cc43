#include "modes/supervisor/scoreboard.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/sit.hpp"

using namespace launch;

TEST_CASE("counters of a child are read by its parent", "[scoreboard]") {
  Scoreboard board = Scoreboard::create();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Scoreboard attached = Scoreboard::attach(Descriptor{::dup(board.fd())});
    attached.seat(2).requests += 41;
    attached.seat(2).requests += 1;
    attached.seat(3).connections -= 1;
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(board.seat(1).requests == 0);
  CHECK(board.seat(2).requests == 42);
  CHECK(board.seat(3).connections == -1);
}

TEST_CASE("the fewest connections are those of a process that accepts",
          "[scoreboard]") {
  Scoreboard board = Scoreboard::create();
  CHECK(board.fewest_connections() == 0);
  CHECK_FALSE(board.shared());
  sit(board, 1, 10);
  CHECK_FALSE(board.shared());
  sit(board, 2, 11);
  CHECK(board.shared());
  board.seat(1).connections = 5;
  board.seat(2).connections = 3;
  CHECK(board.fewest_connections() == 3);
  board.seat(2).pid = 0;
  CHECK(board.fewest_connections() == 5);
}

TEST_CASE("a scoreboard is one line of JSON", "[scoreboard]") {
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 7);
  board.seat(1).requests = 9;
  board.seat(1).accepted = 2;
  board.seat(1).connections = 1;
  CHECK(board.to_json(2) ==
        R"({"workers":[)"
        R"({"id":1,"pid":7,"requests":9,"accepted":2,"connections":1},)"
        R"({"id":2,"pid":0,"requests":0,"accepted":0,"connections":0}]})");
}

TEST_CASE("a worker's counts survive its processes", "[scoreboard]") {
  Scoreboard board = Scoreboard::create();
  sit(board, 1, 7);
  board.seat(1).requests = 9;
  board.seat(1).accepted = 4;
  board.seat(1).connections = 2;
  board.seat(1).bytes_sent = 1000;
  board.seat(1).latency.record(microseconds{50}, 9);
  board.take_seat(5, 1);  // its successor
  board.seat(5).pid = 8;
  board.seat(5).requests = 1;
  board.seat(1).pid = 0;
  CHECK(board.sums(1).requests == 10);
  CHECK(board.sums(1).pid == 8);
  CHECK(board.sums(1).connections == 2);

  board.leave_seat(1);
  CHECK(board.sums(1).requests == 10);
  CHECK(board.sums(1).accepted == 4);
  CHECK(board.sums(1).bytes_sent == 1000);
  CHECK(board.sums(1).connections == 0);
  CHECK(board.totals(1).latency.cells[0] == 9);
  CHECK(board.seat(1).requests == 0);
  CHECK(board.seat(1).id == 0);

  board.take_seat(1, 2);  // for another worker
  board.seat(1).requests = 3;
  CHECK(board.sums(1).requests == 10);
  CHECK(board.sums(2).requests == 3);
}

TEST_CASE("a scoreboard moves with its memory", "[scoreboard]") {
  Scoreboard first = Scoreboard::create();
  first.seat(1).requests = 1;
  Scoreboard second(std::move(first));
  second = Scoreboard(std::move(second));
  CHECK(second.seat(1).requests == 1);
}

TEST_CASE("seats and workers that do not exist are refused", "[scoreboard]") {
  Scoreboard board = Scoreboard::create();
  CHECK_THROWS_AS(board.seat(0), std::out_of_range);
  CHECK_THROWS_AS(board.seat(Scoreboard::kSeats + 1), std::out_of_range);
  CHECK_THROWS_AS(board.totals(0), std::out_of_range);
  CHECK_THROWS_AS(board.totals(Scoreboard::kWorkers + 1), std::out_of_range);
}

TEST_CASE("only a scoreboard can be attached", "[scoreboard]") {
  CHECK_THROWS(Scoreboard::attach(Descriptor{}));
  CHECK_THROWS_AS(
      Scoreboard::attach(Descriptor{::open("/dev/null", O_RDWR | O_CLOEXEC)}),
      std::invalid_argument);
}
