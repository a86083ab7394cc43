#include <limits>

#include <nlohmann/json.hpp>

#include "bench/report/report.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"

namespace launch::bench {
namespace {

using Json = nlohmann::ordered_json;

Json report_of(const Comparison& comparison) {
  return Json::parse(to_json(comparison, "0.1.0"));
}

std::vector<std::string> names_of(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

using Names = std::vector<std::string>;

TEST_CASE("the top level holds what was agreed, in order", "[json]") {
  const Json json = report_of(finished_comparison());
  CHECK(names_of(json) == Names{"schema", "tool", "machine", "config",
                                "contenders", "workloads", "trials", "summary",
                                "verdicts", "failures", "warnings",
                                "interrupted"});
  CHECK(json["schema"] == 1);
  CHECK(json["tool"]["name"] == "launch");
  CHECK(json["tool"]["version"] == "0.1.0");
  CHECK(json["machine"]["cores"] == 2);
  CHECK(json["config"]["seed"] == 42);
  CHECK(json["config"]["duration_ms"] == 800);
  CHECK(json["contenders"][1]["name"] == "prefork-2x1");
  CHECK(json["contenders"][1]["argv"][2] == "prefork");
  CHECK(json["workloads"][0]["requests"][0]["target"] == "/");
  CHECK(json["trials"].size() == 24);
  CHECK(json["summary"].size() == 8);
  CHECK(json["verdicts"].size() == 3);
  CHECK(json["interrupted"] == false);
}

TEST_CASE("a trial holds every field, with its unit", "[json]") {
  Comparison comparison = finished_comparison();
  Trial& trial = comparison.trials.front();
  trial.load.errors = {1, 2, 3, 4, 5};
  trial.load.statuses = {{200, 10000}, {404, 5}};
  trial.load.first_error = "GET /: 404";
  trial.load.generator_run_delay_s = 0.2;
  trial.workers = {{1, 77, 10000, 64}};
  const Json json = report_of(comparison)["trials"][0];
  CHECK(json["contender"] == "single-1x1");
  CHECK(json["workload"] == "cpu");
  CHECK(json["round"] == 1);
  CHECK(json["duration_s"] == 1.0);
  CHECK(json["requests"] == 10000);
  CHECK(json["requests_per_second"] == 10000.0);
  CHECK(names_of(json["response_time_us"]) ==
        Names{"p50", "p90", "p95", "p99", "p99_9", "max"});
  CHECK(json["service_time_us"] == json["response_time_us"]);
  CHECK(json["latency_us"] == json["response_time_us"]);
  CHECK(json["errors"] == Json{{"connect", 1},
                               {"read", 2},
                               {"write", 3},
                               {"timeout", 4},
                               {"status", 5}});
  CHECK(json["statuses"]["404"] == 5);
  CHECK(json["first_error"] == "GET /: 404");
  CHECK(json["server_cpu_us_per_request"].get<double>() == Approx(97));
  CHECK(json["pss_bytes"] == 4'000'000);
  CHECK(json["startup_ms"] == 20.0);
  CHECK(json["workers"][0] ==
        Json{{"id", 1}, {"pid", 77}, {"requests", 10000}, {"connections", 64}});
  CHECK(json["generator"]["cpu_share"].get<double>() == Approx(0.1));
  CHECK(json["generator"]["run_delay_share"].get<double>() == Approx(0.2));
  CHECK(json["generator"]["bound"] == "server");
  CHECK(json["steal_share"] == 0.0);
  CHECK(json["other_cpu_share"] == 0.0);
}

TEST_CASE("a percentile of too few samples is null", "[json]") {
  // 100 samples: enough for p50 (20) and p90 (100), not for p95 (200).
  const Json times =
      report_of(finished_comparison())["trials"][0]["response_time_us"];
  CHECK(times["p50"].is_number());
  CHECK(times["p90"].is_number());
  CHECK(times["p95"].is_null());
  CHECK(times["p99_9"].is_null());
  CHECK(times["max"] == 1099.0);
}

TEST_CASE("a summary holds estimates, costs and workers", "[json]") {
  const Json json = report_of(finished_comparison())["summary"][1];
  CHECK(json["contender"] == "prefork-2x1");
  CHECK(json["rounds"] == 3);
  CHECK(names_of(json["requests_per_second"]) ==
        Names{"estimate", "low", "high"});
  CHECK(json["requests_per_second"]["estimate"].get<double>() ==
        Approx(19299.3).epsilon(0.0001));
  CHECK(json["server_cpu_us_per_request"]["estimate"].get<double>() ==
        Approx(98.45).epsilon(0.001));
  CHECK(json["latency_us"]["p50"].is_number());
  CHECK(json["errors"]["status"] == 0);
  CHECK(json["pss_bytes"] == 9'000'000);
  CHECK(json["startup_ms"] == 20.0);
  CHECK(json["busy_share"].get<double>() == Approx(0.95));
  CHECK(json["busiest_worker_share"] == 1.0);
  CHECK(json["workers"][0]["connections"] == 64.0);
  CHECK(json["generator"]["bound"] == "server");
}

TEST_CASE("a verdict holds its factor and its reason", "[json]") {
  const Json json = report_of(finished_comparison())["verdicts"][1];
  CHECK(json["workload"] == "block");
  CHECK(json["objective"] == "requests_per_second");
  CHECK(json["outcome"] == "better");
  CHECK(json["winner"] == "thread-pool-1x16");
  CHECK(json["compared_to"] == "single-1x1");
  CHECK(json["factor"]["estimate"].get<double>() ==
        Approx(15.65).epsilon(0.01));
  CHECK(json["factor"]["low"].is_number());
  CHECK(json["ties"].empty());
  CHECK_THAT(json["reason"].get<std::string>(), Catch::Contains("blocked"));
}

TEST_CASE("what is unknown is null, never infinite or not a number", "[json]") {
  Comparison comparison = finished_comparison();
  comparison.trials.resize(1);
  comparison.trials[0].load.requests = 0;
  comparison.trials[0].load.response_time_us = {};
  comparison.trials[0].pss_bytes = 0;
  comparison.trials[0].workers.clear();
  comparison.trials[0].steal_share = std::numeric_limits<double>::quiet_NaN();
  comparison.summary = summarise(comparison.plan, comparison.trials, 2);
  comparison.verdicts = decide_verdicts(comparison.plan, comparison.summary,
                                        comparison.trials, {}, 2);
  const Json json = report_of(comparison);
  const Json& trial = json["trials"][0];
  CHECK(trial["server_cpu_us_per_request"].is_null());
  CHECK(trial["pss_bytes"].is_null());
  CHECK(trial["response_time_us"]["max"].is_null());
  CHECK(trial["first_error"].is_null());
  CHECK(trial["steal_share"].is_null());
  const Json& summary = json["summary"][0];
  CHECK(summary["requests_per_second"]["low"].is_null());
  CHECK(summary["server_cpu_us_per_request"]["estimate"].is_null());
  CHECK(summary["busiest_worker_share"].is_null());
  CHECK(json["verdicts"][0]["winner"].is_null());
  CHECK(json["verdicts"][0]["factor"].is_null());
}

TEST_CASE("failures, warnings and odd bytes are written", "[json]") {
  Comparison comparison = finished_comparison();
  comparison.failures = {
      {"prefork-2x8", FailureKind::start, "said \xff\"quoted\""}};
  comparison.warnings = {"steal"};
  comparison.interrupted = true;
  const Json json = report_of(comparison);
  CHECK(json["failures"][0]["contender"] == "prefork-2x8");
  CHECK(json["failures"][0]["kind"] == "start");
  CHECK(json["failures"][0]["reason"] == "said \xef\xbf\xbd\"quoted\"");
  CHECK(json["warnings"] == Json::array({"steal"}));
  CHECK(json["interrupted"] == true);
}

}  // namespace
}  // namespace launch::bench
