#include <cmath>

#include <nlohmann/json.hpp>

#include "bench/report/report.hpp"
#include "bench/stats/summary.hpp"

namespace launch::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

// What is unknown is null; no report ever holds "not a number".
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}
Json number_if(bool known, double value) {
  return known ? number(value) : Json(nullptr);
}
Json name_or_null(const std::string& name) {
  return name.empty() ? Json(nullptr) : Json(name);
}

Json to_json(const Estimate& value) {
  return {{"estimate", number(value.estimate)},
          {"low", number(value.low)},
          {"high", number(value.high)}};
}

Json to_json(const Percentiles& value) {
  return {{"p50", number(value.p50)},     {"p90", number(value.p90)},
          {"p95", number(value.p95)},     {"p99", number(value.p99)},
          {"p99_9", number(value.p99_9)}, {"max", number(value.max)}};
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

Json to_json(const Machine& machine) {
  return {{"cpu_model", machine.cpu_model},
          {"cores", machine.cores},
          {"kernel", machine.kernel},
          {"memory_bytes", machine.memory_bytes},
          {"load_average_1m", number(machine.load_average)}};
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

Json to_json(const Contender& contender) {
  return {{"name", contender.name},
          {"mode", contender.mode},
          {"workers", contender.workers},
          {"threads", contender.threads},
          {"argv", contender.argv}};
}

Json to_json(const RequestKind& kind) {
  Json headers = Json::object();
  for (const auto& [name, value] : kind.headers) headers[name] = value;
  return {{"method", kind.method},
          {"target", kind.target},
          {"headers", std::move(headers)},
          {"body_bytes", kind.body.size()},
          {"weight", number(kind.weight)}};
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
Json to_json(const Failure& failure);

template <typename Rows>
Json array_of(const Rows& rows) {
  Json json = Json::array();
  for (const auto& row : rows) json.push_back(to_json(row));
  return json;
}

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
  json["workers"] = array_of(trial.workers);
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
  json["workers"] = array_of(summary.workers);
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

Json to_json(const Failure& failure) {
  return {{"contender", failure.contender},
          {"kind", to_string(failure.kind)},
          {"reason", failure.reason}};
}

}  // namespace

std::string to_json(const Comparison& comparison,
                    std::string_view tool_version) {
  const ComparisonPlan& plan = comparison.plan;
  const Json json{{"schema", kSchema},
                  {"tool", {{"name", "launch"}, {"version", tool_version}}},
                  {"machine", to_json(comparison.machine)},
                  {"config", config_of(plan)},
                  {"contenders", array_of(plan.contenders)},
                  {"workloads", array_of(plan.workloads)},
                  {"trials", array_of(comparison.trials)},
                  {"summary", array_of(comparison.summary)},
                  {"verdicts", array_of(comparison.verdicts)},
                  {"failures", array_of(comparison.failures)},
                  {"warnings", comparison.warnings},
                  {"interrupted", comparison.interrupted}};
  // Bytes that are no UTF-8 (a server's answer, a path) become U+FFFD.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace launch::bench
