#include "cli/ctl_socket.hpp"

#include "cli/command.hpp"
#include "modes/control/control_place.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
using namespace launch::cli;

TEST_CASE("a service is found by its socket, by its pid, or alone",
          "[ctl_socket]") {
  const TemporaryFolder folder;
  const std::string place = folder.file("");
  CHECK(find_control_socket({.control = "/a.sock", .pid = {}}, place) ==
        "/a.sock");
  CHECK(find_control_socket({.control = {}, .pid = 7}, "/run/launch") ==
        "/run/launch/7.sock");
  CHECK_THROWS_WITH(
      find_control_socket({}, place),
      "no service of this user is running: there is no control socket in " +
          place + " (name another one with --control PATH)");
  const Bound first = open_control_socket({folder.file("11.sock")});
  CHECK(find_control_socket({}, place) == folder.file("11.sock"));
  const Bound second = open_control_socket({folder.file("12.sock")});
  CHECK_THROWS_AS(find_control_socket({}, place), UsageError);
  CHECK_THROWS_WITH(find_control_socket({}, place),
                    "2 services are running, with the pids 11, 12: choose one "
                    "with --pid PID");
}
