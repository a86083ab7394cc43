#include <array>

#include "bench/report/during_report.hpp"
#include "bench/report/json_parts.hpp"
#include "bench/stats/summary.hpp"

namespace launch::bench {
namespace {

constexpr std::array kPhaseNames{"before", "during", "after"};

Json to_json(const Losses& lost) {
  return {{"refused", lost.refused},
          {"closed", lost.closed},
          {"timeout", lost.timeout},
          {"bad_answer", lost.bad_answer}};
}

Json config_of(const DuringPlan& plan) {
  return {{"app", plan.app},
          {"event", plan.event.name},
          {"signal", plan.event.signal},
          {"times", plan.times},
          {"own_spacing_ms", plan.own_spacing.count()},
          {"foreign_spacing_ms", plan.foreign_spacing.count()},
          {"connections", plan.connections},
          {"request", to_json(plan.request)},
          {"warmup_ms", plan.warmup.count()},
          {"around_ms", plan.around.count()},
          {"timeout_ms", plan.timeout.count()},
          {"start_limit_ms", plan.start_limit.count()},
          {"repetition_limit_ms", plan.repetition_limit.count()},
          {"seed", plan.seed},
          {"loop", "closed"}};
}

Json to_json(const LoadKind& kind) {
  return {{"name", kind.name},
          {"summary", kind.summary},
          {"keep_alive", kind.keep_alive},
          {"longest_pause_ms", kind.pause.count()}};
}

constexpr auto kRender = [](const auto& row) { return to_json(row); };

Json phase_of(const PhaseRecord& phase, const char* name) {
  return {
      {"name", name},
      {"duration_s", number(phase.duration_s)},
      {"requests", phase.answered},
      {"lost", to_json(phase.lost)},
      {"unsent", phase.unsent},
      {"longest_gap_us", number(to_seconds(phase.longest_gap) * 1e6)},
      {"response_time_us", to_json(percentiles_of(phase.response_time_us))}};
}

Json trial_of(const DuringPlan& plan, const DuringTrial& trial) {
  Json json{{"contender", trial.contender},
            {"load", trial.load},
            {"times", trial.times},
            {"took_us", trial.took_us},
            {"requests", trial.answered()},
            {"lost", to_json(trial.lost())},
            {"expected_lost", trial.losses.expected},
            {"unexpected_lost", trial.losses.unexpected},
            {"unsent", trial.unsent()},
            {"held_connections", trial.held}};
  json["phases"] = Json::array();
  for (std::size_t i = 0; i < kPhases; ++i)
    json["phases"].push_back(phase_of(trial.phases[i], kPhaseNames[i]));
  json["passed"] = trial.losses.unexpected == 0;
  json["verdict"] = verdict_text(plan, trial);
  json["notes"] = trial.notes;
  json["first_error"] = name_or_null(trial.first_error);
  return json;
}

}  // namespace

std::string to_json(const DuringReport& report, std::string_view tool_version) {
  Json json{{"schema", kSchema},
            {"tool", tool(tool_version)},
            {"machine", to_json(report.machine)},
            {"config", config_of(report.plan)},
            {"contenders", array_of(report.plan.contenders, kRender)}};
  json["loads"] = array_of(report.plan.loads, kRender);
  json["trials"] = array_of(report.trials, [&](const DuringTrial& trial) {
    return trial_of(report.plan, trial);
  });
  json["failures"] = array_of(report.failures, kRender);
  json["interrupted"] = report.interrupted;
  return file_text(json);
}

}  // namespace launch::bench
