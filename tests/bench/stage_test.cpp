#include "bench/during/stage.hpp"

#include <signal.h>

#include "modes/base/child_process.hpp"
#include "modes/base/process_stats.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

namespace launch::bench {
namespace {

TEST_CASE("a frozen process stands still until it is told to go on",
          "[stage]") {
  const Stage stage = real_stage();
  ChildProcess child({.argv = {"/bin/sh", "-c", "while :; do :; done"}});
  stage.freeze(child.pid());
  const auto used = cpu_time(child.pid());
  CHECK(stage.is_alive(child.pid()));
  CHECK(cpu_time(child.pid()) == used);
  stage.signal(child.pid(), SIGCONT);
  CHECK(eventually([&] { return cpu_time(child.pid()) > used; }));
}

TEST_CASE("a dead process is not alive, reaped or not", "[stage]") {
  const Stage stage = real_stage();
  ChildProcess child({.argv = {"/bin/sleep", "60"}});
  const pid_t pid = child.pid();
  CHECK(stage.is_alive(pid));
  stage.signal(pid, SIGKILL);
  REQUIRE(becomes_readable(child.pidfd()));
  CHECK_FALSE(stage.is_alive(pid));
  REQUIRE(child.reap());
  CHECK_FALSE(stage.is_alive(pid));
}

TEST_CASE("the children of a server are all but its first process", "[stage]") {
  const Stage stage = real_stage();
  const ChildProcess child(
      {.argv = {"/bin/sh", "-c", "sleep 60 & sleep 60 & wait"},
       .death_signal = SIGTERM,
       .own_process_group = true});
  std::vector<pid_t> children;
  CHECK(eventually([&] {
    children = stage.children(child.pid());
    return children.size() == 2;
  }));
  for (const pid_t pid : children) {
    CHECK(pid != child.pid());
    ::kill(pid, SIGKILL);
  }
}

}  // namespace
}  // namespace launch::bench
