#include "bench/report/json_parts.hpp"

#include <cmath>

namespace launch::bench {

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}
Json name_or_null(const std::string& name) {
  return name.empty() ? Json(nullptr) : Json(name);
}

Json tool(std::string_view version) {
  return {{"name", "launch"}, {"version", version}};
}

Json to_json(const Machine& machine) {
  return {{"cpu_model", machine.cpu_model},
          {"cores", machine.cores},
          {"kernel", machine.kernel},
          {"memory_bytes", machine.memory_bytes},
          {"load_average_1m", number(machine.load_average)}};
}

Json to_json(const Contender& contender) {
  return {{"name", contender.name},
          {"mode", name_or_null(contender.mode)},
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

Json to_json(const Percentiles& value) {
  return {{"p50", number(value.p50)},     {"p90", number(value.p90)},
          {"p95", number(value.p95)},     {"p99", number(value.p99)},
          {"p99_9", number(value.p99_9)}, {"max", number(value.max)}};
}

Json to_json(const Failure& failure) {
  return {{"contender", failure.contender},
          {"kind", to_string(failure.kind)},
          {"reason", failure.reason}};
}

std::string file_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace launch::bench
