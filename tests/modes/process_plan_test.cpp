#include "modes/process/process_plan.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "modes/process/env_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temporary_file.hpp"

using namespace launch;

namespace {

void expect(bool condition) {
  if (!condition) throw std::runtime_error("not as expected");
}

}  // namespace

TEST_CASE("a worker hears nothing of what systemd tells its supervisor",
          "[process_plan]") {
  CHECK(worker_environment({}) == std::vector<std::string>{"NOTIFY_SOCKET",
                                                           "WATCHDOG_PID",
                                                           "WATCHDOG_USEC"});
}

TEST_CASE("a worker gets what the environment file says by then",
          "[process_plan]") {
  const TemporaryFile file;
  const ProcessPlan plan{.env_file = file.path()};
  file.write("A=1\n");
  CHECK(worker_environment(plan).back() == "A=1");
  file.write("A=2\n");
  CHECK(worker_environment(plan).back() == "A=2");
  file.write("A");
  CHECK_THROWS_AS(worker_environment(plan), EnvFileError);
}

TEST_CASE("a process is prepared before it runs the app", "[process_plan]") {
  const TemporaryFile file;
  file.write("LAUNCH_TEST_A=1\n");
  const ChildEnd end = run_in_child([&] {
    ::setenv("NOTIFY_SOCKET", "/run/x", 1);
    ProcessPlan plan{.env_file = file.path()};
    if (::geteuid() == 0) plan.identity = Identity{65'533, 65'532, {}};
    prepare_for_app(plan);
    expect(std::getenv("NOTIFY_SOCKET") == nullptr);
    expect(std::getenv("LAUNCH_TEST_A") == std::string("1"));
    if (plan.identity) expect(::getuid() == 65'533 && ::getgid() == 65'532);
  });
  CHECK(end.exit_code == 0);
}

TEST_CASE("an identity that cannot be had ends in an error", "[process_plan]") {
  const ChildEnd end = run_in_child([] {
    if (::geteuid() == 0) expect(become({65'533, 65'533, {}}) == 0);
    try {
      prepare_for_app({.identity = Identity{0, 0, {}}});
    } catch (const std::runtime_error& error) {
      expect(error.what() ==
             std::string("the user or group cannot be changed: Operation not "
                         "permitted"));
      return;
    }
    expect(false);
  });
  CHECK(end.exit_code == 0);
}
