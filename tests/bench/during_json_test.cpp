#include <nlohmann/json.hpp>

#include "bench/report/during_report.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/during_report.hpp"

namespace launch::bench {
namespace {

using Parsed = nlohmann::json;

TEST_CASE("the JSON of a run holds all of it, schema first", "[json]") {
  DuringReport report = reloads();
  report.plan.seed = 42;
  lose(report, 30, 3);
  report.trials[0].first_error = "connecting failed";
  report.trials[0].took_us = {112'000, 90'000};
  const std::string text = to_json(report, "1.2.3");
  CHECK(text.starts_with("{\n  \"schema\": 1,"));
  CHECK(text.ends_with("}\n"));
  const Parsed json = Parsed::parse(text);
  CHECK(json.at("tool").at("version") == "1.2.3");
  CHECK(json.at("machine").at("cores") == 2);
  const Parsed& config = json.at("config");
  CHECK(config.at("event") == "reload");
  CHECK(config.at("signal") == 1);
  CHECK(config.at("times") == 200);
  CHECK(config.at("seed") == 42);
  CHECK(config.at("request").at("target") == "/");
  CHECK(json.at("contenders").at(0).at("name") == "launch");
  CHECK(json.at("contenders").at(0).at("mode").is_null());
  CHECK(json.at("loads").at(0).at("name") == "close");
  CHECK(json.at("loads").at(0).at("keep_alive") == false);
  CHECK(json.at("failures").empty());
  CHECK(json.at("interrupted") == false);

  const Parsed& trial = json.at("trials").at(0);
  CHECK(trial.at("contender") == "launch");
  CHECK(trial.at("load") == "close");
  CHECK(trial.at("times") == 200);
  CHECK(trial.at("took_us") == std::vector<double>{112'000, 90'000});
  CHECK(trial.at("requests") == 48'211);
  CHECK(trial.at("lost").at("refused") == 30);
  CHECK(trial.at("lost").at("closed") == 3);
  CHECK(trial.at("lost").at("timeout") == 0);
  CHECK(trial.at("lost").at("bad_answer") == 0);
  CHECK(trial.at("expected_lost") == 0);
  CHECK(trial.at("unexpected_lost") == 33);
  CHECK(trial.at("passed") == false);
  CHECK(trial.at("first_error") == "connecting failed");
  REQUIRE(trial.at("phases").size() == 3);
  const Parsed& during = trial.at("phases").at(1);
  CHECK(during.at("name") == "during");
  CHECK(during.at("duration_s") == 1.0);
  CHECK(during.at("requests") == 46'211);
  CHECK(during.at("lost").at("refused") == 30);
  CHECK(during.at("longest_gap_us") == 12'000.0);
  // 1000 to 1999 us: the median is the 500th.
  CHECK(during.at("response_time_us").at("p50") == 1499.0);
  CHECK(during.at("response_time_us").at("max") == 1999.0);
}

TEST_CASE("failures of a run are in its JSON", "[json]") {
  DuringReport report = reloads();
  report.failures = {{"launch", FailureKind::event, "not over"}};
  const Parsed json = Parsed::parse(to_json(report, "1"));
  CHECK(json.at("failures").at(0).at("kind") == "event");
  CHECK(json.at("trials").at(0).at("first_error").is_null());
}

}  // namespace
}  // namespace launch::bench
