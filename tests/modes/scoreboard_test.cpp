#include "modes/supervisor/scoreboard.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("counters of a child are read by its parent", "[scoreboard]") {
  Scoreboard board = Scoreboard::create(3);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Scoreboard attached = Scoreboard::attach(Descriptor{::dup(board.fd())});
    attached.worker(2).requests += 41;
    attached.worker(2).requests += 1;
    attached.worker(3).connections -= 1;
    ::_exit(attached.workers());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(board.worker(1).requests == 0);
  CHECK(board.worker(2).requests == 42);
  CHECK(board.worker(3).connections == -1);
}

TEST_CASE("the fewest connections are those of a living worker",
          "[scoreboard]") {
  Scoreboard board = Scoreboard::create(3);
  CHECK(board.fewest_connections() == 0);
  board.worker(1).pid = 10;
  board.worker(1).connections = 5;
  board.worker(2).pid = 11;
  board.worker(2).connections = 3;
  CHECK(board.fewest_connections() == 3);
  board.worker(2).pid = 0;
  CHECK(board.fewest_connections() == 5);
}

TEST_CASE("a scoreboard is one line of JSON", "[scoreboard]") {
  Scoreboard board = Scoreboard::create(2);
  board.worker(1).pid = 7;
  board.worker(1).requests = 9;
  board.worker(1).accepted = 2;
  board.worker(1).connections = 1;
  CHECK(board.to_json() ==
        R"({"workers":[)"
        R"({"id":1,"pid":7,"requests":9,"accepted":2,"connections":1},)"
        R"({"id":2,"pid":0,"requests":0,"accepted":0,"connections":0}]})");
}

TEST_CASE("a scoreboard moves with its memory", "[scoreboard]") {
  Scoreboard first = Scoreboard::create(1);
  first.worker(1).requests = 1;
  Scoreboard second(std::move(first));
  second = Scoreboard(std::move(second));
  CHECK(second.worker(1).requests == 1);
  CHECK(second.workers() == 1);
}

TEST_CASE("a worker that does not exist is refused", "[scoreboard]") {
  Scoreboard board = Scoreboard::create(2);
  CHECK_THROWS_AS(board.worker(0), std::out_of_range);
  CHECK_THROWS_AS(board.worker(3), std::out_of_range);
  CHECK_THROWS_AS(Scoreboard::create(0), std::invalid_argument);
}

TEST_CASE("only a scoreboard can be attached", "[scoreboard]") {
  CHECK_THROWS(Scoreboard::attach(Descriptor{}));
  CHECK_THROWS_AS(
      Scoreboard::attach(Descriptor{::open("/dev/null", O_RDWR | O_CLOEXEC)}),
      std::invalid_argument);
}
