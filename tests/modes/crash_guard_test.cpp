#include "modes/app/crash_guard.hpp"

#include <signal.h>

#include <cstdlib>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"

using launch::CrashGuard;

namespace {

constexpr int kCode = 42;

ChildEnd crash_with(int signal) {
  return run_in_child([signal] {
    const CrashGuard guard("the test", {kCode});
    ::raise(signal);
  });
}

volatile int g_depth_limit = 1 << 30;

int overflow_stack(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  if (depth >= g_depth_limit) return 0;
  return overflow_stack(depth + 1) + frame[0];
}

}  // namespace

TEST_CASE("every crash signal becomes one sentence and the code", "[crash]") {
  for (const int signal : launch::kCrashSignals) {
    const ChildEnd end = crash_with(signal);
    CHECK(end.exit_code == kCode);
    CHECK(end.error_text ==
          "launch: the test crashed: " + launch::signal_text(signal) + "\n");
  }
}

TEST_CASE("a crash is told where and as it is asked for", "[crash]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const ChildEnd end = run_in_child([&] {
    const CrashGuard guard("the test", {kCode, ends[1], "!"});
    ::raise(SIGSEGV);
  });
  ::close(ends[1]);
  std::string text(100, '\0');
  text.resize(static_cast<std::size_t>(::read(ends[0], text.data(), 100)));
  ::close(ends[0]);
  CHECK(end.exit_code == kCode);
  CHECK(end.error_text.empty());
  CHECK(text == "!the test crashed: signal 11 (SIGSEGV)\n");
}

TEST_CASE("abort() is a crash too", "[crash]") {
  const ChildEnd end = run_in_child([] {
    const CrashGuard guard("the test", {kCode});
    std::abort();
  });
  CHECK(end.exit_code == kCode);
  CHECK(end.error_text == "launch: the test crashed: signal 6 (SIGABRT)\n");
}

TEST_CASE("a stack overflow is told from the guard's own stack", "[crash]") {
  const ChildEnd end = run_in_child([] {
    const CrashGuard guard("the test", {kCode});
    overflow_stack(0);
  });
  CHECK(end.exit_code == kCode);
  CHECK(end.error_text == "launch: the test crashed: signal 11 (SIGSEGV)\n");
}

TEST_CASE("after the guard a crash is what it was before", "[crash]") {
  const ChildEnd end = run_in_child([] {
    ::signal(SIGSEGV, SIG_DFL);
    { const CrashGuard guard("the test", {kCode}); }
    ::raise(SIGSEGV);
  });
  CHECK(end.signal == SIGSEGV);
  CHECK(end.error_text.empty());
}

TEST_CASE("signals are named", "[crash]") {
  CHECK(launch::signal_text(SIGKILL) == "signal 9 (SIGKILL)");
  CHECK(launch::signal_text(63) == "signal 63");
}
