#include "modes/control/status_json.hpp"

#include <nlohmann/json.hpp>

namespace launch {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const RestartCounts& restarts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kRestartCauses.size(); ++i)
    json[std::string(kRestartCauses[i].name)] =
        restarts[static_cast<RestartCause>(i)];
  return json;
}

Json json_of(const WorkerStatus& worker) {
  Json json{{"id", worker.id},
            {"pid", worker.pid},
            {"state", worker.state},
            {"uptime_s", worker.uptime_s},
            {"generation", worker.generation},
            {"threads", worker.threads},
            {"busy_threads", worker.busy_threads},
            {"requests", worker.requests},
            {"accepted", worker.accepted},
            {"bytes_sent", worker.bytes_sent},
            {"connections", worker.connections},
            {"in_progress", worker.in_progress}};
  if (worker.pss_bytes) json["pss_bytes"] = *worker.pss_bytes;
  json["restarts"] = json_of(worker.restarts);
  if (!worker.request.empty()) json["request"] = worker.request;
  return json;
}

Json json_of(const ListenerStatus& listener) {
  return {{"address", listener.address},
          {"queued", listener.queued},
          {"queue_limit", listener.queue_limit}};
}

Json json_of(const LatencyBuckets& latency) {
  Json buckets = Json::array();
  for (std::size_t i = 0; i < latency.counts.size(); ++i) {
    const bool bounded = i < kLatencyBoundsInSeconds.size();
    buckets.push_back(
        {{"up_to_s", bounded ? Json(kLatencyBoundsInSeconds[i]) : Json()},
         {"count", latency.counts[i]}});
  }
  return {{"count", latency.count()},
          {"sum_s", latency.sum_s},
          {"buckets", std::move(buckets)}};
}

template <typename T>
Json list_of(const std::vector<T>& values) {
  Json json = Json::array();
  for (const T& value : values) json.push_back(json_of(value));
  return json;
}

/// Leaves `to` alone when there is no such member.
template <typename T>
void take(const Json& json, const char* name, T& to) {
  if (const auto found = json.find(name); found != json.end())
    found->get_to(to);
}
template <typename T>
void take(const Json& json, const char* name, std::optional<T>& to) {
  if (const auto found = json.find(name); found != json.end())
    to = found->get<T>();
}

WorkerStatus worker_of(const Json& json) {
  WorkerStatus worker;
  take(json, "id", worker.id);
  take(json, "pid", worker.pid);
  take(json, "state", worker.state);
  take(json, "uptime_s", worker.uptime_s);
  take(json, "generation", worker.generation);
  take(json, "threads", worker.threads);
  take(json, "busy_threads", worker.busy_threads);
  take(json, "requests", worker.requests);
  take(json, "accepted", worker.accepted);
  take(json, "bytes_sent", worker.bytes_sent);
  take(json, "connections", worker.connections);
  take(json, "in_progress", worker.in_progress);
  take(json, "pss_bytes", worker.pss_bytes);
  take(json, "request", worker.request);
  if (const auto restarts = json.find("restarts"); restarts != json.end())
    for (std::size_t i = 0; i < kRestartCauses.size(); ++i)
      take(*restarts, std::string(kRestartCauses[i].name).c_str(),
           worker.restarts[static_cast<RestartCause>(i)]);
  return worker;
}

ListenerStatus listener_of(const Json& json) {
  ListenerStatus listener;
  take(json, "address", listener.address);
  take(json, "queued", listener.queued);
  take(json, "queue_limit", listener.queue_limit);
  return listener;
}

LatencyBuckets latency_of(const Json& json) {
  LatencyBuckets latency;
  take(json, "sum_s", latency.sum_s);
  const Json& buckets = json.at("buckets");
  for (std::size_t i = 0; i < latency.counts.size(); ++i)
    buckets.at(i).at("count").get_to(latency.counts[i]);
  return latency;
}

ServiceStatus status_of(const Json& json) {
  ServiceStatus status;
  json.at("state").get_to(status.state);
  take(json, "version", status.version);
  take(json, "mode", status.mode);
  take(json, "pid", status.pid);
  take(json, "ready", status.ready);
  take(json, "live", status.live);
  take(json, "uptime_s", status.uptime_s);
  take(json, "workers_wanted", status.workers_wanted);
  take(json, "generation", status.generation);
  take(json, "listen_overflows", status.listen_overflows);
  for (const Json& worker : json.at("workers"))
    status.workers.push_back(worker_of(worker));
  for (const Json& listener : json.at("listeners"))
    status.listeners.push_back(listener_of(listener));
  status.latency = latency_of(json.at("latency"));
  if (const auto reload = json.find("last_reload"); reload != json.end()) {
    status.last_reload.emplace();
    take(*reload, "ok", status.last_reload->ok);
    take(*reload, "error", status.last_reload->error);
  }
  return status;
}

}  // namespace

std::string to_json(const ServiceStatus& status) {
  Json json{{"version", status.version},
            {"mode", status.mode},
            {"pid", status.pid},
            {"state", status.state},
            {"ready", status.ready},
            {"live", status.live},
            {"uptime_s", status.uptime_s},
            {"workers_wanted", status.workers_wanted},
            {"generation", status.generation},
            {"workers", list_of(status.workers)},
            {"listeners", list_of(status.listeners)},
            {"latency", json_of(status.latency)}};
  if (status.listen_overflows)
    json["listen_overflows"] = *status.listen_overflows;
  if (status.last_reload) {
    json["last_reload"] = {{"ok", status.last_reload->ok}};
    if (!status.last_reload->error.empty())
      json["last_reload"]["error"] = status.last_reload->error;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<ServiceStatus> parse_status(std::string_view text) {
  try {
    return status_of(Json::parse(text));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace launch
