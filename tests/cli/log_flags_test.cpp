#include "cli/log_flags.hpp"

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

LogFlags parsed(std::vector<std::string> argv) {
  LogFlags flags;
  CLI::App app;
  add_log_flags(app, flags);
  std::reverse(argv.begin(), argv.end());  // as CLI11 wants it
  app.parse(argv);
  return flags;
}

AccessLogPlan log_of(std::vector<std::string> argv) {
  return access_log_plan(parsed(std::move(argv)));
}

std::string peers(std::vector<std::string> argv,
                  const std::optional<std::string>& variable = {}) {
  return trusted_peers(parsed(std::move(argv)), variable).text();
}

}  // namespace

TEST_CASE("the access log is off until it is asked for", "[log_flags]") {
  CHECK_FALSE(log_of({}).on);
  const AccessLogPlan plain = log_of({"--access-log"});
  CHECK(plain.on);
  CHECK(plain.format == AccessLogFormat::common);
  CHECK(plain.file == "-");
}

TEST_CASE("a format or a file asks for the log as well", "[log_flags]") {
  const AccessLogPlan json = log_of({"--access-log-format", "json"});
  CHECK(json.on);
  CHECK(json.format == AccessLogFormat::json);
  CHECK(json.file == "-");
  const AccessLogPlan file = log_of({"--access-log-file", "access.log"});
  CHECK(file.on);
  CHECK(file.format == AccessLogFormat::common);
  CHECK(file.file == "access.log");
}

TEST_CASE("a format that there is not is refused", "[log_flags]") {
  CHECK_THROWS_WITH(parsed({"--access-log-format", "apache"}),
                    "--access-log-format: \"apache\" is no access log format: "
                    "use one of common, combined, json");
}

TEST_CASE("the flag names the trusted proxies before the environment does",
          "[log_flags]") {
  CHECK(peers({}) == "127.0.0.0/8,::1");
  CHECK(peers({}, "10.0.0.0/8") == "10.0.0.0/8");
  CHECK(peers({"--forwarded-allow-ips", "unix:"}, "10.0.0.0/8") == "unix:");
  CHECK(peers({"--forwarded-allow-ips", "*"}) == "*");
  CHECK(peers({"--forwarded-allow-ips", ""}, "10.0.0.0/8").empty());
}

TEST_CASE("a bad proxy is refused by where it stands", "[log_flags]") {
  CHECK_THROWS_AS(peers({"--forwarded-allow-ips", "proxy"}), UsageError);
  CHECK_THROWS_WITH(peers({"--forwarded-allow-ips", "proxy"}),
                    Catch::StartsWith("--forwarded-allow-ips: \"proxy\" is no "
                                      "IP address or network: "));
  CHECK_THROWS_WITH(
      peers({}, "10.0.0.0/40"),
      Catch::StartsWith("the environment variable FORWARDED_ALLOW_IPS: "
                        "\"10.0.0.0/40\" has a prefix length that is not from "
                        "0 to 32: "));
}
