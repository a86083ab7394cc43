// What a supervisor's workers find when they start.

#include "tests/support/supervised.hpp"

using namespace launch;

TEST_CASE("a worker knows its number, which its successor takes over",
          "[supervisor]") {
  // It gets ready only as the second of two.
  Supervised service(2, R"(
      case $LAUNCH_WORKER_ID in 1|2) printf x >&201; esac
      exec sleep 60)");
  const pid_t first = service.ready_pids().at(0);
  ::kill(first, SIGKILL);
  CHECK(service.successor_of(1, first) != 0);
}
