#include "bench/report/json_parts.hpp"
#include "bench/report/report.hpp"
#include "bench/stats/summary.hpp"

namespace launch::bench {
namespace {

Json number_if(bool known, double value) {
  return known ? number(value) : Json(nullptr);
}

Json to_json(const Estimate& value) {
  return {{"estimate", number(value.estimate)},
          {"low", number(value.low)},
          {"high", number(value.high)}};
}

// In a closed loop a request is sent when it is due, so that response and
// service time are the same.
void add_times(Json& json, const Percentiles& times) {
  for (const char* name : {"response_time_us", "service_time_us", "latency_us"})
    json[name] = to_json(times);
}

Json to_json(const LoadErrors& errors) {
  return {{"connect", errors.connect},
          {"read", errors.read},
          {"write", errors.write},
          {"timeout", errors.timeout},
          {"status", errors.status}};
}

Json config_of(const ComparisonPlan& plan) {
  return {{"app", plan.app},
          {"rounds", plan.rounds},
          {"warmup_ms", plan.warmup.count()},
          {"duration_ms", plan.duration.count()},
          {"timeout_ms", plan.timeout.count()},
          {"start_limit_ms", plan.start_limit.count()},
          {"seed", plan.seed},
          {"loop", "closed"}};
}

Json to_json(const Workload& workload) {
  Json json{{"name", workload.name},
            {"summary", workload.summary},
            {"connections", workload.connections}};
  json["requests"] = Json::array();
  for (const RequestKind& kind : workload.mix)
    json["requests"].push_back(to_json(kind));
  return json;
}

Json to_json(const WorkerShare& worker) {
  return {{"id", worker.id},
          {"pid", worker.pid},
          {"requests", worker.requests},
          {"connections", worker.connections}};
}

Json to_json(const WorkerMean& worker) {
  return {{"id", worker.id},
          {"requests", number(worker.requests)},
          {"connections", number(worker.connections)}};
}

Json to_json(const Trial& trial);
Json to_json(const Summary& summary);
Json to_json(const Verdict& verdict);

constexpr auto kRender = [](const auto& row) { return to_json(row); };

double idle_share(const Trial& trial) {
  return trial.load.duration_s > 0
             ? trial.load.generator_idle_s / trial.load.duration_s
             : 0;
}

Json to_json(const Trial& trial) {
  const LoadResult& load = trial.load;
  Json json{{"contender", trial.contender},
            {"workload", trial.workload},
            {"round", trial.round},
            {"duration_s", number(load.duration_s)},
            {"requests", load.requests},
            {"requests_per_second", number(load.requests_per_second())}};
  add_times(json, percentiles_of(load.response_time_us));
  json["errors"] = to_json(load.errors);
  json["first_error"] = name_or_null(load.first_error);
  json["statuses"] = Json::object();
  for (const auto& [status, count] : load.statuses)
    json["statuses"][std::to_string(status)] = count;
  json["server_cpu_s"] = number(trial.server_cpu_s);
  json["server_cpu_us_per_request"] =
      number_if(load.requests > 0, trial.server_cpu_us_per_request());
  json["pss_bytes"] =
      trial.pss_bytes > 0 ? Json(trial.pss_bytes) : Json(nullptr);
  json["startup_ms"] = number(trial.startup_ms);
  json["workers"] = array_of(trial.workers, kRender);
  json["generator"] = {
      {"cpu_share", number(trial.generator_cpu_share())},
      {"run_delay_share", number(trial.generator_run_delay_share())},
      {"idle_share", number(idle_share(trial))},
      {"bound", to_string(trial.bound)}};
  json["steal_share"] = number(trial.steal_share);
  json["other_cpu_share"] = number(trial.other_cpu_share);
  return json;
}

Json to_json(const Summary& summary) {
  const Estimate& cpu = summary.server_cpu_us_per_request;
  Json json{{"contender", summary.contender},
            {"workload", summary.workload},
            {"rounds", summary.rounds},
            {"requests_per_second", to_json(summary.requests_per_second)}};
  add_times(json, summary.response_time_us);
  json["errors"] = to_json(summary.errors);
  // An estimate of 0 says that no round had a good answer.
  json["server_cpu_us_per_request"] = {
      {"estimate", number_if(cpu.estimate > 0, cpu.estimate)},
      {"low", number(cpu.low)},
      {"high", number(cpu.high)}};
  json["pss_bytes"] =
      summary.pss_bytes > 0 ? Json(summary.pss_bytes) : Json(nullptr);
  json["startup_ms"] = number(summary.startup_ms);
  json["busy_share"] = number(summary.busy_share);
  json["busiest_worker_share"] =
      number_if(summary.busiest_worker_share > 0, summary.busiest_worker_share);
  json["workers"] = array_of(summary.workers, kRender);
  json["generator"] = {
      {"cpu_share", number(summary.generator_cpu_share)},
      {"run_delay_share", number(summary.generator_run_delay_share)},
      {"bound", to_string(summary.bound)}};
  return json;
}

Json to_json(const Verdict& verdict) {
  return {{"workload", verdict.workload},
          {"objective", verdict.objective},
          {"outcome", to_string(verdict.outcome)},
          {"winner", name_or_null(verdict.winner)},
          {"compared_to", name_or_null(verdict.compared_to)},
          {"factor", verdict.compared_to.empty() ? Json(nullptr)
                                                 : to_json(verdict.factor)},
          {"ties", verdict.ties},
          {"reason", verdict.reason}};
}

}  // namespace

std::string to_json(const Comparison& comparison,
                    std::string_view tool_version) {
  const ComparisonPlan& plan = comparison.plan;
  const Json json{{"schema", kSchema},
                  {"tool", tool(tool_version)},
                  {"machine", to_json(comparison.machine)},
                  {"config", config_of(plan)},
                  {"contenders", array_of(plan.contenders, kRender)},
                  {"workloads", array_of(plan.workloads, kRender)},
                  {"trials", array_of(comparison.trials, kRender)},
                  {"summary", array_of(comparison.summary, kRender)},
                  {"verdicts", array_of(comparison.verdicts, kRender)},
                  {"failures", array_of(comparison.failures, kRender)},
                  {"warnings", comparison.warnings},
                  {"interrupted", comparison.interrupted}};
  return file_text(json);
}

}  // namespace launch::bench
