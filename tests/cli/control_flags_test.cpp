#include "cli/control_flags.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

ControlPlan plan_of(std::vector<std::string> argv,
                    const std::optional<std::string>& runtime_folder = {}) {
  CLI::App app;
  ControlFlags flags;
  add_control_flags(app, flags);
  std::reverse(argv.begin(), argv.end());  // as CLI11 wants them
  app.parse(argv);
  const auto environment = [&](const std::string& name) {
    return name == "XDG_RUNTIME_DIR" ? runtime_folder : std::nullopt;
  };
  return control_plan(flags, environment, 42);
}

}  // namespace

TEST_CASE("the control socket is by default in a folder of the user's",
          "[control_flags]") {
  CHECK(plan_of({}, "/run/user/7").socket ==
        ControlPlace{"/run/user/7/launch/42.sock", true});
  CHECK(plan_of({}).socket ==
        ControlPlace{fmt::format("/tmp/launch-{}/42.sock", ::geteuid()), true});
  CHECK(plan_of({}).admin_binds.empty());
}

TEST_CASE("a control socket is named or switched off", "[control_flags]") {
  CHECK(plan_of({"--control", "/run/c.sock"}).socket ==
        ControlPlace{"/run/c.sock", false});
  CHECK_FALSE(plan_of({"--control", "none"}).socket);
}

TEST_CASE("a control socket that cannot be is refused", "[control_flags]") {
  CHECK_THROWS_WITH(plan_of({"--control", "c.sock"}),
                    "--control: \"c.sock\": it must be absolute, so that it "
                    "holds whatever the working folder");
  const std::string path = '/' + std::string(107, 'a');
  CHECK_THROWS_WITH(plan_of({"--control", path}),
                    "--control: \"" + path +
                        "\": it has 108 bytes, and that of a socket at most "
                        "107");
}

TEST_CASE("admin addresses are written as those of --bind", "[control_flags]") {
  const ControlPlan plan =
      plan_of({"--admin", "127.0.0.1:9000", "--admin", "unix:/run/admin.sock"});
  CHECK(plan.admin_binds ==
        std::vector<Address>{TcpAddress{"127.0.0.1", 9000},
                             UnixAddress{"/run/admin.sock"}});
  CHECK_THROWS_WITH(plan_of({"--admin", "9000"}),
                    "--admin: \"9000\" names no port: write HOST:PORT, "
                    "[IPv6]:PORT, unix:PATH or fd:N");
  CHECK_THROWS_WITH(plan_of({"--admin", ":1", "--admin", ":1"}),
                    "--admin: 0.0.0.0:1 is given twice");
}
