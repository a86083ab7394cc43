#include "modes/base/clone.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/sanitized.hpp"

using namespace launch;

TEST_CASE("a clone is a child of its maker's parent", "[clone]") {
  if (kThreadSanitized) return;  // which has a thread in every process
  std::array<int, 2> told{};
  REQUIRE(::pipe(told.data()) == 0);
  const ChildEnd maker = run_in_child([&] {
    const pid_t parent = ::getppid();
    const pid_t pid = clone_sibling();
    if (pid == 0) ::_exit(::getppid() == parent ? 42 : 1);
    [[maybe_unused]] const auto written = ::write(told[1], &pid, sizeof pid);
    // It is nobody's child here.
    if (::waitpid(pid, nullptr, 0) != -1 || errno != ECHILD) ::_exit(1);
  });
  CHECK(maker.exit_code == 0);
  pid_t clone = 0;
  REQUIRE(::read(told[0], &clone, sizeof clone) == sizeof clone);
  int status = 0;
  CHECK(::waitpid(clone, &status, 0) == clone);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  for (const int end : told) ::close(end);
}

TEST_CASE("a clone knows its own thread", "[clone]") {
  if (kThreadSanitized) return;  // which has a thread in every process
  const ChildEnd maker = run_in_child([] {
    const pid_t pid = clone_sibling();
    if (pid != 0) return;
    // What the C library remembers of the thread decides who holds this one.
    std::recursive_mutex mutex;
    mutex.lock();
    const bool again = mutex.try_lock();
    ::_exit(again && ::getpid() == ::gettid() ? 42 : 1);
  });
  CHECK(maker.exit_code == 0);
  int status = 0;
  CHECK(::waitpid(-1, &status, 0) > 0);
  CHECK(WEXITSTATUS(status) == 42);
}
