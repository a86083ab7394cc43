#include "modes/signals.hpp"

#include <poll.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/core.h>

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
  Signals signals;
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

TEST_CASE("every signal of the table is taken", "[signals]") {
  Signals signals;
  for (const SignalRow& row : kSignals) {
    ::raise(row.number);
    CHECK(signals.next() == row.number);
    CHECK(&signal_row(row.number) == &row);
  }
  CHECK_THROWS_AS(signal_row(SIGSEGV), std::invalid_argument);
}

TEST_CASE("signals are as before once nobody asks for them", "[signals]") {
  {
    const Signals signals;
    CHECK(is_blocked(SIGINT));
    CHECK(is_blocked(SIGTERM));
  }
  CHECK_FALSE(is_blocked(SIGINT));
  CHECK_FALSE(is_blocked(SIGTERM));
}

TEST_CASE("a signal that came too late does not end the process", "[signals]") {
  const ChildEnd end = run_in_child([] {
    const Signals signals;
    ::raise(SIGTERM);
  });
  CHECK(end.signal == 0);
  CHECK(end.exit_code == 0);
}

TEST_CASE("a process that only ends now is not ended by a signal",
          "[signals]") {
  const ChildEnd end = run_in_child([] {
    block_signals();
    { const Signals signals; }
    ::raise(SIGTERM);
    ::raise(SIGINT);
  });
  CHECK(end.signal == 0);
  CHECK(end.exit_code == 0);
}

TEST_CASE("after that a signal ends the process as ever", "[signals]") {
  const ChildEnd end = run_in_child([] {
    ::signal(SIGTERM, SIG_DFL);  // the test program has a handler
    { const Signals signals; }
    ::raise(SIGTERM);
  });
  CHECK(end.signal == SIGTERM);
}

TEST_CASE("the page on signals has the rows of the table", "[signals]") {
  std::ifstream file{LAUNCH_SOURCE_DIR "/docs/signals.md"};
  std::ostringstream page;
  page << file.rdbuf();
  for (const SignalRow& row : kSignals) {
    const std::string line =
        fmt::format("| `{}` | {} | {} | {} |\n", sigabbrev_np(row.number),
                    row.supervisor, row.worker, row.alone);
    INFO(line);
    CHECK(page.str().find(line) != std::string::npos);
  }
}
