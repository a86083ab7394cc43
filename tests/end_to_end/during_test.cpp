// `launch bench --during`: servers that are killed and stopped under load.

#include <csignal>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// Short, and on few connections: what is tested is not the machine.
std::vector<std::string> during(const std::string& event,
                                const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"bench", "--during", event,   "--around",
                                     "200ms", "-c",       "8",     "--spacing",
                                     "200ms", "--quiet",  "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// A server of ours, of which nothing is known but its command.
std::string foreign(const std::string& name) {
  return name + "=" LAUNCH_BINARY
                " demo --host {host} --port {port} --mode prefork --workers 2 "
                "--log-level warning";
}

std::uint64_t sum(const json& lost) {
  std::uint64_t total = 0;
  for (const auto& [cause, count] : lost.items())
    total += count.get<std::uint64_t>();
  return total;
}

void check_phases(const json& trial) {
  REQUIRE(trial.at("phases").size() == 3);
  for (const json& phase : trial.at("phases")) {
    CHECK(phase.at("duration_s").get<double>() >= 0.2);
    CHECK(phase.at("requests").get<int>() > 0);
    CHECK(phase.at("longest_gap_us").get<double>() > 0);
    CHECK(phase.at("response_time_us").at("max").get<double>() > 0);
  }
}

}  // namespace

TEST_CASE("stops lose nothing that a new connection asked for", "[during]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program(during("stop", {out, "--times", "2"}));
  REQUIRE(program.exit_code(seconds{120}) == 0);
  CHECK(program.err().empty());
  CHECK(program.processes().empty());
  CHECK_THAT(program.out(), Contains("launch, close: passed: 2 stops, "));
  const json report = json::parse(read_file(out));
  CHECK(report.at("schema") == 1);
  CHECK(report.at("interrupted") == false);
  REQUIRE(report.at("trials").size() == 2);  // close and keepalive
  for (const json& trial : report.at("trials")) {
    INFO(trial.dump(2));
    check_phases(trial);
    CHECK(trial.at("times") == 2);
    CHECK(trial.at("unexpected_lost") == 0);
    CHECK(sum(trial.at("lost")) == trial.at("expected_lost"));
    CHECK(sum(trial.at("lost")) == trial.at("lost").at("refused"));
  }
}

TEST_CASE("a killed worker costs at most what it held", "[during]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program(
      during("kill", {out, "--times", "2", "--load", "keepalive", "--contender",
                      "own=" LAUNCH_BINARY " demo --mode prefork --workers 2 "
                      "--log-level error",
                      "--contender", foreign("foreign")}));
  REQUIRE(program.exit_code(seconds{120}) == 0);
  CHECK(program.processes().empty());
  const json report = json::parse(read_file(out));
  REQUIRE(report.at("trials").size() == 2);
  for (const json& trial : report.at("trials")) {
    INFO(trial.dump(2));
    CHECK(trial.at("requests").get<int>() > 0);
    // Two of two workers share 8 connections.
    CHECK(trial.at("held_connections").get<int>() >= 2);
    CHECK(trial.at("held_connections").get<int>() <= 16);
    CHECK(sum(trial.at("lost")) <=
          trial.at("held_connections").get<std::uint64_t>());
    CHECK(trial.at("unexpected_lost") == 0);
    const bool own = trial.at("contender") == "own";
    CHECK(trial.at("took_us").size() == (own ? 2 : 0));
  }
}

TEST_CASE("a server that a signal ends has lost requests", "[during]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program(
      during("reload", {out, "--times", "3", "--load", "close", "--signal",
                        "TERM", "--contender", foreign("it")}));
  CHECK(program.exit_code(seconds{120}) == 13);
  CHECK(program.processes().empty());
  CHECK_THAT(program.err(), Contains("launch: it: ended with exit code 0"));
  CHECK_THAT(unwrapped(program.out()),
             Contains("it, close: failed: ") && Contains(" of 3 reloads, "));
  const json trial = json::parse(read_file(out)).at("trials").at(0);
  CHECK(trial.at("passed") == false);
}

TEST_CASE("a contender that never answers is named", "[during]") {
  const Folder folder;
  Program program(during("reload", {folder.file("out.json"), "--contender",
                                    "it=/bin/sh -c 'echo no {port}; exit 4'"}));
  CHECK(program.exit_code(seconds{60}) == 3);
  CHECK_THAT(program.err(),
             Contains("launch: it: ended with exit code 4 before it answered"));
}

TEST_CASE("an interrupted run ends its servers and says so", "[during]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program({"bench", "--during", "kill", "--around", "200ms", "-c", "8",
                   "--times", "1000", "--load", "close", "--spacing", "300ms",
                   "--json", out, "--contender", foreign("it")});
  REQUIRE(program.says("it, close: 1000 times"));
  program.press_ctrl_c();
  CHECK(program.exit_code() == 130);
  CHECK(program.processes().empty());
  const json report = json::parse(read_file(out));
  CHECK(report.at("interrupted") == true);
  CHECK_THAT(program.out(), Contains("interrupted"));
}

TEST_CASE("flags without effect are refused", "[during]") {
  const auto refusal = [](const std::vector<std::string>& arguments) {
    Program program(arguments);
    CHECK(program.exit_code() == 2);
    return program.err();
  };
  CHECK_THAT(refusal({"bench", "--compare-all", "--contender", foreign("it")}),
             Contains("--contender has no effect without --during"));
  CHECK_THAT(refusal({"bench", "--compare-all", "--during", "kill"}),
             Contains("--compare-all has no effect with --during"));
  CHECK_THAT(refusal({"bench", "--during", "flood"}),
             Contains("\"flood\" is no event: use one of reload, recycle"));
}
