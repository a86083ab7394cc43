#include "cli/limit_flags.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "modes/http/hosted_server.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

LimitSettings parsed(std::vector<std::string> argv) {
  CLI::App app;
  LimitFlags flags;
  add_limit_flags(app, flags);
  std::reverse(argv.begin(), argv.end());  // as CLI11 wants them
  app.parse(argv);
  return parse_limits(flags);
}

std::optional<std::uint64_t> value(const LimitSettings& settings, Limit limit) {
  return settings[static_cast<std::size_t>(limit)];
}

}  // namespace

TEST_CASE("a limit that is not given is not set", "[limit_flags]") {
  CHECK(parsed({}) == LimitSettings{});
}

TEST_CASE("limits are given in their units", "[limit_flags]") {
  const LimitSettings settings =
      parsed({"--max-head", "16K", "--max-fields", "50", "--header-timeout",
              "2m", "--min-body-rate", "100", "--max-connections=1"});
  CHECK(value(settings, Limit::head) == 16'384);
  CHECK(value(settings, Limit::fields) == 50);
  CHECK(value(settings, Limit::header_time) == 120'000);
  CHECK(value(settings, Limit::body_rate) == 100);
  CHECK(value(settings, Limit::connections) == 1);
  CHECK_FALSE(value(settings, Limit::body));
}

TEST_CASE("a limit outside its range is refused by name", "[limit_flags]") {
  CHECK_THROWS_WITH(parsed({"--max-target", "9K"}),
                    "--max-target: \"9K\" is not a size from 1 to 8192 "
                    "bytes: write, say, 8192, 64K or 2M");
  CHECK_THROWS_WITH(
      parsed({"--max-in-progress", "0"}),
      "--max-in-progress: \"0\" is not a whole number from 1 to 1000000000");
  CHECK_THROWS_AS(parsed({"--body-timeout", "0"}), UsageError);
  CHECK_THROWS_AS(parsed({"--max-head", "20M"}), UsageError);
}

TEST_CASE("every limit that holds is printed", "[limit_flags]") {
  LimitSettings settings;
  settings[static_cast<std::size_t>(Limit::body)] = 3 << 20;
  const std::string text = limits_text({settings, HostedServer{}});
  CHECK(text.starts_with("limits\n  max-target                  8K\n"));
  CHECK(text.find("\n  max-body                    3M\n") != text.npos);
  CHECK(text.find("\n  write-timeout               30s\n") != text.npos);
  CHECK(std::count(text.begin(), text.end(), '\n') ==
        static_cast<std::ptrdiff_t>(kLimits.size() + 1));
}

TEST_CASE("the page on limits has the rows of the table", "[limit_flags]") {
  std::ifstream file{LAUNCH_SOURCE_DIR "/docs/limits.md"};
  std::stringstream page;
  page << file.rdbuf();
  for (const LimitRow& row : kLimits) {
    const std::string line =
        fmt::format("| `--{}` | `{}` | {} | {} | {} |\n", row.name,
                    row.environment, limit_text(row.unit, row.preset), row.help,
                    row.setter.empty() ? "" : fmt::format("`{}`", row.setter));
    INFO(line);
    CHECK(page.str().find(line) != std::string::npos);
  }
}
