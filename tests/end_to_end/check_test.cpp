// `launch check` and the help texts.

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
using Catch::Matchers::Contains;

namespace {

/// The output of a command that must succeed in silence.
std::string output_of(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment = {}) {
  Program program(arguments, environment);
  CHECK(program.exit_code() == 0);
  CHECK(program.err().empty());
  return program.out();
}

}  // namespace

TEST_CASE("check prints the effective settings and the routes", "[check]") {
  const std::string demo = output_of({"check"});
  CHECK_THAT(demo, Contains("app               demo\n"));
  CHECK_THAT(demo, Contains("mode              single"));
  CHECK_THAT(demo, Contains("bind              127.0.0.1:8000\n"));
  CHECK_THAT(demo, Contains("  GET     /whoami\n"));
  CHECK_THAT(demo, Contains("  POST    /echo\n"));

  const std::string orders =
      output_of({"check", app("orders"), "--mode", "prefork", "--workers", "3",
                 "--threads", "2", "--port", "0", "--graceful-timeout", "2m"});
  CHECK_THAT(orders, Contains(app("orders") + ":launch_app\n"));
  CHECK_THAT(orders, Contains("workers           3\n"));
  CHECK_THAT(orders, Contains("threads           2\n"));
  CHECK_THAT(orders, Contains("routes            5\n"));
  CHECK_THAT(orders, Contains("  DELETE  /orders/(\\d{1,18})\n"));
}

TEST_CASE("check takes settings from the environment, flags first", "[check]") {
  const std::vector<std::string> environment{"LAUNCH_MODE=prefork",
                                             "LAUNCH_WORKERS=5", "PORT=8123"};
  const std::string set = output_of({"check"}, environment);
  CHECK_THAT(set, Contains("workers           5\n"));
  CHECK_THAT(set, Contains("bind              0.0.0.0:8123\n"));
  const std::string overruled = output_of(
      {"check", "--workers", "2", "--host", "127.0.0.1", "--port", "8124"},
      environment);
  CHECK_THAT(overruled, Contains("workers           2\n"));
  CHECK_THAT(overruled, Contains("bind              127.0.0.1:8124\n"));
}

TEST_CASE("check opens no port", "[check]") {
  const Server server({"demo"});
  output_of({"check", "--port", std::to_string(server.port())});
}

TEST_CASE("check ends with 3 when the app cannot be loaded", "[check]") {
  for (const std::string& name :
       {app("no_record"), app("throws_at_registration"),
        app("crashes_in_static_constructor"), std::string("./nosuch.so")}) {
    INFO(name);
    Program program({"check", name});
    CHECK(program.exit_code() == 3);
    CHECK(count(program.err(), "\n") == 1);
    CHECK(program.out().empty());
  }
}

TEST_CASE("the help lists every option with a default or an example",
          "[check]") {
  struct Row {
    std::vector<std::string> command;
    std::vector<std::string> options;
  };
  const std::vector<std::string> serving{
      "--mode",           "--workers",  "--threads",
      "--host",           "--port",     "--log-level",
      "--access-log",     "--ready-fd", "--graceful-timeout",
      "--stats-fd",       "--max-head", "--header-timeout",
      "--max-in-progress"};
  const std::vector<Row> rows{
      {{"--help"}, serving},
      {{"check", "--help"}, serving},
      {{"bench", "--help"},
       {"--compare-all", "--quick", "--path", "--workload", "--connections",
        "--rounds", "--duration", "--warmup", "--timeout", "--seed", "--json",
        "--color", "--quiet"}},
  };
  // A switch is off unless given.
  const std::vector<std::string> switches{"--compare-all", "--quick",
                                          "--quiet"};
  for (const Row& row : rows) {
    const std::string help = output_of(row.command);
    CHECK_THAT(help, Contains("Exit codes:"));
    for (const std::string& option : row.options) {
      INFO(option);
      const auto begin = help.find(option);
      REQUIRE(begin != std::string::npos);
      // Options are indented by two, what continues them by more.
      const std::string entry =
          unwrapped(help.substr(begin, help.find("\n  -", begin) - begin));
      const bool is_switch =
          std::find(switches.begin(), switches.end(), option) != switches.end();
      const bool explained = entry.find("default") != std::string::npos ||
                             entry.find("as in") != std::string::npos ||
                             entry.find('[') != std::string::npos;
      CHECK((is_switch || explained));
    }
  }
}

TEST_CASE("the version is one line", "[check]") {
  const std::string version = output_of({"--version"});
  CHECK_THAT(version, Catch::Matchers::Matches("launch [0-9]+\\.[0-9]+\\."
                                               "[0-9]+\n"));
}
