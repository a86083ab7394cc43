// `launch bench`: what it writes where, and how it ends.

#include <unistd.h>

#include <array>
#include <csignal>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/sanitized.hpp"

using namespace launched;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const std::vector<std::string> kContenders{"single-1x1", "prefork-2x1",
                                           "thread-pool-1x2",
                                           "thread-pool-1x16", "prefork-2x8"};

/// How long a trial of the orders service must be for an answer on any thread.
constexpr const char* kForAnswers =
    kThreadSanitized || kAddressSanitized ? "3s" : "400ms";

std::vector<std::string> bench(const std::vector<std::string>& more,
                               const char* duration = "100ms") {
  std::vector<std::string> arguments{
      "bench", "--compare-all", "--rounds", "2",
      "-d",    duration,        "--warmup", "50ms"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Names of the form "mode-WxT" for this machine's number of cores.
std::vector<std::string> contenders_of(const json& report) {
  std::vector<std::string> names;
  for (const json& contender : report.at("contenders"))
    names.push_back(contender.at("name"));
  return names;
}

void check_times(const json& times) {
  for (const char* name : {"p50", "p90", "p95", "p99", "p99_9", "max"})
    CHECK((times.at(name).is_number() || times.at(name).is_null()));
}

void check_estimate(const json& estimate) {
  for (const char* name : {"estimate", "low", "high"})
    CHECK(estimate.at(name).is_number());
}

void check_errors(const json& errors) {
  for (const char* name : {"connect", "read", "write", "timeout", "status"})
    CHECK(errors.at(name) == 0);
}

void check_trial(const json& trial) {
  CHECK(trial.at("round").get<int>() >= 1);
  CHECK(trial.at("duration_s").get<double>() >= 0.1);
  CHECK(trial.at("requests").get<int>() > 0);
  CHECK(trial.at("requests_per_second").get<double>() > 0);
  for (const char* name : {"response_time_us", "service_time_us", "latency_us"})
    check_times(trial.at(name));
  CHECK(trial.at("response_time_us").at("p50").get<double>() > 0);
  check_errors(trial.at("errors"));
  CHECK(trial.at("server_cpu_us_per_request").get<double>() > 0);
  CHECK(trial.at("pss_bytes").get<double>() > 0);
  CHECK(trial.at("startup_ms").get<double>() > 0);
  for (const json& worker : trial.at("workers")) {
    CHECK(worker.at("id").get<int>() >= 1);
    CHECK(worker.at("pid").get<int>() > 0);
    CHECK(worker.at("requests").is_number());
    CHECK(worker.at("connections").is_number());
  }
  const json& generator = trial.at("generator");
  CHECK(generator.at("cpu_share").is_number());
  CHECK(generator.at("run_delay_share").is_number());
  CHECK(generator.at("bound").is_string());
}

void check_summary(const json& summary) {
  CHECK(summary.at("rounds") == 2);
  check_estimate(summary.at("requests_per_second"));
  check_times(summary.at("response_time_us"));
  check_errors(summary.at("errors"));
  check_estimate(summary.at("server_cpu_us_per_request"));
  for (const char* name : {"pss_bytes", "startup_ms", "busy_share"})
    CHECK(summary.at(name).is_number());
  CHECK(summary.at("workers").is_array());
}

}  // namespace

TEST_CASE("a comparison of the orders service holds every documented field",
          "[bench]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program(
      bench({app("orders"), "--path", "/orders", "--path", "/orders/1",
             "--json", out},
            kForAnswers),
      {"ORDERS_DB=" + folder.file("orders.sqlite3"), "ORDERS_EXAMPLES=50"});
  REQUIRE(program.exit_code(seconds{180}) == 0);
  CHECK(program.processes().empty());

  const json report = json::parse(read_file(out));
  CHECK(report.at("schema") == 1);
  CHECK(report.at("tool").at("name") == "launch");
  CHECK(report.at("tool").at("version").is_string());
  CHECK(report.at("machine").at("cores").get<int>() >= 1);
  CHECK(report.at("config").at("rounds") == 2);
  CHECK(report.at("failures").empty());
  CHECK(report.at("interrupted") == false);

  const auto contenders = contenders_of(report);
  REQUIRE(contenders.size() >= 3);
  CHECK(contenders.front() == "single-1x1");
  if (report.at("machine").at("cores") == 2) CHECK(contenders == kContenders);
  const std::size_t pairs = contenders.size() * 2;
  CHECK(report.at("workloads").size() == 2);
  CHECK(report.at("workloads").at(0).at("name") == "/orders");
  REQUIRE(report.at("trials").size() == 2 * pairs);
  for (const json& trial : report.at("trials")) {
    INFO(trial.at("contender") << ' ' << trial.at("workload"));
    check_trial(trial);
  }
  REQUIRE(report.at("summary").size() == pairs);
  for (const json& summary : report.at("summary")) {
    INFO(summary.at("contender") << ' ' << summary.at("workload"));
    check_summary(summary);
  }
  REQUIRE(report.at("verdicts").size() == 3);
  CHECK(report.at("verdicts").at(2).at("workload") == "overall");
  for (const json& verdict : report.at("verdicts")) {
    CHECK(verdict.at("objective") == "requests_per_second");
    CHECK(verdict.at("outcome").is_string());
    CHECK_FALSE(verdict.at("reason").get<std::string>().empty());
  }

  // The report is on standard output, only the progress is not.
  for (const std::string& name : contenders)
    CHECK(count(program.out(), name) >= 2);
  CHECK_THAT(program.out(), Contains("\nVerdict\n"));
  CHECK_THAT(program.err(), Contains("round 1/2  single-1x1"));
  CHECK(count(program.err(), "\n") == 2 * contenders.size());
}

TEST_CASE("the verdict on blocked handlers names blocking and threads",
          "[bench]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program(bench({"--workload", "block", "--json", out, "--quiet"}));
  REQUIRE(program.exit_code(seconds{180}) == 0);
  CHECK(program.err().empty());
  const json verdict = json::parse(read_file(out)).at("verdicts").at(0);
  CHECK(verdict.at("workload") == "block");
  const std::string reason = verdict.at("reason");
  CHECK_THAT(reason, Contains("blocked"));
  CHECK_THAT(reason, Contains("threads"));
  CHECK_THAT(unwrapped(program.out()), Contains(unwrapped(reason)));
}

TEST_CASE("colour is used when asked for and not otherwise", "[bench]") {
  const auto output = [](const std::vector<std::string>& more) {
    auto arguments = more;
    arguments.insert(arguments.end(), {"--workload", "plain", "--quiet"});
    Program program(bench(arguments));
    CHECK(program.exit_code(seconds{180}) == 0);
    return program.out();
  };
  CHECK_THAT(output({"--color", "always"}), Contains("\x1b["));
  CHECK(count(output({"--color", "never"}), "\x1b") == 0);
  CHECK(count(output({}), "\x1b") == 0);  // no terminal
}

TEST_CASE("an interrupted comparison keeps what was finished", "[bench]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program({"bench", "--compare-all", "--workload", "plain", "--rounds",
                   "100", "-d", "100ms", "--warmup", "50ms", "--json", out});
  REQUIRE(program.says("round 2/100"));
  program.press_ctrl_c();
  CHECK(program.exit_code() == 130);
  CHECK(program.processes().empty());
  const json report = json::parse(read_file(out));
  CHECK(report.at("interrupted") == true);
  CHECK(report.at("trials").size() >= report.at("contenders").size());
  CHECK_THAT(program.out(), Contains("plain"));
}

TEST_CASE("an output that nobody reads ends the comparison", "[bench]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const Descriptor there{ends[1]};
  ::close(ends[0]);
  Program program(bench({"--workload", "plain", "--quiet"}), {},
                  {.descriptors = {{there.get(), STDOUT_FILENO}}});
  const int code = program.exit_code(seconds{60});
  CHECK(code != 0);
  CHECK(program.processes().empty());
}

TEST_CASE("the contenders' environment is the bench's, without the counts",
          "[bench]") {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program(bench({"--workload", "plain", "--json", out, "--quiet"}),
                  {"WEB_CONCURRENCY=7", "LAUNCH_WORKERS=7", "PORT=1",
                   "LAUNCH_MODE=prefork", "LAUNCH_HOST=0.0.0.0"});
  REQUIRE(program.exit_code(seconds{180}) == 0);
  CHECK(program.err().empty());
  const json report = json::parse(read_file(out));
  for (const json& trial : report.at("trials")) {
    const std::string name = trial.at("contender");
    if (name == "single-1x1") CHECK(trial.at("workers").size() == 1);
    CHECK(trial.at("workers").size() != 7);
  }
}
