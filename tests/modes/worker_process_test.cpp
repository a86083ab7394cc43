#include "modes/supervisor/worker_process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

#include "modes/supervisor/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

using namespace launch;

namespace {

/// A shell in the place of a worker.
struct Started {
  explicit Started(const std::string& script)
      : process(7, {.argv = {"/bin/bash", "-c", script},
                    .environment = {"LAUNCH_TEST=yes"},
                    .scoreboard = board.get(),
                    .listeners = {bound.fd.get()}}) {}

  ExitStatus end() {
    std::optional<ExitStatus> status;
    REQUIRE(eventually([&] { return (status = process.reap()).has_value(); }));
    return *status;
  }

  Bound bound = bind_listener("127.0.0.1", 0);
  Descriptor board{::memfd_create("board", MFD_CLOEXEC)};
  WorkerProcess process;
};

}  // namespace

TEST_CASE("a worker's process inherits its descriptors and its environment",
          "[worker_process]") {
  Started started(R"(
      [ -S /proc/self/fd/210 ] && [ -p /proc/self/fd/201 ] &&
      [ -e /proc/self/fd/202 ] && [ "$LAUNCH_TEST" = yes ] && exit 42)");
  CHECK(started.process.id() == 7);
  CHECK(started.end().code == 42);
}

TEST_CASE("it is in a process group of its own", "[worker_process]") {
  Started started("printf + >&201; exec sleep 60");
  REQUIRE(becomes_readable(started.process.news_fd()));
  CHECK(::getpgid(started.process.pid()) == started.process.pid());
}

TEST_CASE("it is ready once it said so", "[worker_process]") {
  Started started("printf + >&201; exec sleep 60");
  REQUIRE(becomes_readable(started.process.news_fd()));
  CHECK(started.process.became_ready());
  CHECK(started.process.news_fd() == -1);
  CHECK_FALSE(started.process.became_ready());  // said once
  started.process.signal(SIGTERM);
  CHECK(started.end().signal == SIGTERM);
}

TEST_CASE("it tells why it cannot start", "[worker_process]") {
  Started started("echo '!the database is away' >&201; exit 3");
  CHECK(started.end().code == 3);
  CHECK_FALSE(started.process.became_ready());
  CHECK(started.process.failure() == "the database is away");
}

TEST_CASE("one that ends without a word was never ready", "[worker_process]") {
  Started started("exit 1");
  CHECK(started.end().code == 1);
  CHECK_FALSE(started.process.became_ready());
  CHECK(started.process.failure().empty());
}

TEST_CASE("a program that does not exist is an error", "[worker_process]") {
  CHECK_THROWS_AS(WorkerProcess(1, {.argv = {"/no/such/worker"}}),
                  std::system_error);
}
