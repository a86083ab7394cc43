#include "modes/stop_signals.hpp"

#include <poll.h>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"

using namespace launch;

namespace {

bool is_readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

bool is_blocked(int signal) {
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  return sigismember(&blocked, signal) == 1;
}

}  // namespace

TEST_CASE("both stop signals can be polled and are told one by one",
          "[signals]") {
  StopSignals signals;
  CHECK_FALSE(is_readable(signals.fd()));
  CHECK_FALSE(signals.next());
  ::raise(SIGTERM);
  ::raise(SIGINT);
  CHECK(is_readable(signals.fd()));
  const auto first = signals.next();
  const auto second = signals.next();
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first + *second == SIGTERM + SIGINT);
  CHECK(*first != *second);
  CHECK_FALSE(signals.next());
}

TEST_CASE("signals are as before once nobody asks for them", "[signals]") {
  {
    const StopSignals signals;
    CHECK(is_blocked(SIGINT));
    CHECK(is_blocked(SIGTERM));
  }
  CHECK_FALSE(is_blocked(SIGINT));
  CHECK_FALSE(is_blocked(SIGTERM));
}

TEST_CASE("a signal that came too late does not end the process", "[signals]") {
  const ChildEnd end = run_in_child([] {
    const StopSignals signals;
    ::raise(SIGTERM);
  });
  CHECK(end.signal == 0);
  CHECK(end.exit_code == 0);
}

TEST_CASE("after that a signal ends the process as ever", "[signals]") {
  const ChildEnd end = run_in_child([] {
    ::signal(SIGTERM, SIG_DFL);  // the test program has a handler
    { const StopSignals signals; }
    ::raise(SIGTERM);
  });
  CHECK(end.signal == SIGTERM);
}
