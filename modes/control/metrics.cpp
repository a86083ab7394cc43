#include "modes/control/metrics.hpp"

#include <fmt/format.h>

namespace launch {
namespace {

constexpr std::string_view kWorker = "worker";

/// Inside the quotes of a label.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

template <typename T>
void sample(std::string& to, std::string_view name, std::string_view labels,
            const T& value) {
  to += name;
  if (!labels.empty()) to += fmt::format("{{{}}}", labels);
  to += fmt::format(" {}\n", value);
}

/// A line for each worker: `of` takes its value.
template <auto of>
void per_worker(std::string& to, std::string_view name,
                const ServiceStatus& status) {
  for (const WorkerStatus& worker : status.workers)
    sample(to, name, fmt::format("worker=\"{}\"", worker.id), of(worker));
}

template <auto of>
void per_listener(std::string& to, std::string_view name,
                  const ServiceStatus& status) {
  for (const ListenerStatus& listener : status.listeners)
    sample(to, name, fmt::format("address=\"{}\"", escaped(listener.address)),
           of(listener));
}

template <auto of>
void once(std::string& to, std::string_view name, const ServiceStatus& status) {
  sample(to, name, "", of(status));
}

void info(std::string& to, std::string_view name, const ServiceStatus& status) {
  sample(to, name,
         fmt::format(R"(version="{}",mode="{}")", escaped(status.version),
                     escaped(status.mode)),
         1);
}

void restarts(std::string& to, std::string_view name,
              const ServiceStatus& status) {
  for (const WorkerStatus& worker : status.workers)
    for (std::size_t i = 0; i < kRestartCauses.size(); ++i)
      sample(to, name,
             fmt::format(R"(worker="{}",cause="{}")", worker.id,
                         kRestartCauses[i].name),
             worker.restarts[static_cast<RestartCause>(i)]);
}

/// One that cannot be read has no line: 0 would be a lie.
void memory(std::string& to, std::string_view name,
            const ServiceStatus& status) {
  for (const WorkerStatus& worker : status.workers)
    if (worker.pss_bytes)
      sample(to, name, fmt::format("worker=\"{}\"", worker.id),
             *worker.pss_bytes);
}

void overflows(std::string& to, std::string_view name,
               const ServiceStatus& status) {
  if (status.listen_overflows) sample(to, name, "", *status.listen_overflows);
}

void latency(std::string& to, std::string_view name,
             const ServiceStatus& status) {
  const LatencyBuckets& buckets = status.latency;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < buckets.counts.size(); ++i) {
    so_far += buckets.counts[i];
    const std::string bound =
        i < kLatencyBoundsInSeconds.size()
            ? fmt::format("{}", kLatencyBoundsInSeconds[i])
            : "+Inf";
    sample(to, fmt::format("{}_bucket", name), fmt::format("le=\"{}\"", bound),
           so_far);
  }
  sample(to, fmt::format("{}_sum", name), "", buckets.sum_s);
  sample(to, fmt::format("{}_count", name), "", so_far);
}

template <auto member>
constexpr auto field = [](const auto& of) { return of.*member; };
template <auto member>
constexpr auto flag = [](const auto& of) { return of.*member ? 1 : 0; };

constexpr auto is_up = [](const WorkerStatus& worker) {
  return worker.state == "ready" ? 1 : 0;
};
constexpr auto ready_workers = [](const ServiceStatus& status) {
  int count = 0;
  for (const WorkerStatus& worker : status.workers) count += is_up(worker);
  return count;
};

using Service = ServiceStatus;
using Worker = WorkerStatus;

}  // namespace

const std::vector<MetricRow>& metric_rows() {
  static const std::vector<MetricRow> rows{
      {"launch_info", "gauge", "version, mode",
       "Always 1; what runs stands in the labels.", info},
      {"launch_ready", "gauge", "", "1 while a balancer may send clients.",
       once<flag<&Service::ready>>},
      {"launch_uptime_seconds", "gauge", "", "Time since the service started.",
       once<field<&Service::uptime_s>>},
      {"launch_generation", "gauge", "",
       "1, and one more with each reload that was asked for.",
       once<field<&Service::generation>>},
      {"launch_workers_wanted", "gauge", "", "Workers that there should be.",
       once<field<&Service::workers_wanted>>},
      {"launch_workers_ready", "gauge", "", "Workers that serve.",
       once<ready_workers>},
      {"launch_worker_up", "gauge", kWorker, "1 while the worker serves.",
       per_worker<is_up>},
      {"launch_worker_uptime_seconds", "gauge", kWorker,
       "Time since the worker's process started.",
       per_worker<field<&Worker::uptime_s>>},
      {"launch_worker_threads", "gauge", kWorker,
       "Handler threads of the worker.", per_worker<field<&Worker::threads>>},
      {"launch_worker_busy_threads", "gauge", kWorker,
       "Handler threads that run a handler.",
       per_worker<field<&Worker::busy_threads>>},
      {"launch_worker_requests_total", "counter", kWorker,
       "Requests that the worker answered.",
       per_worker<field<&Worker::requests>>},
      {"launch_worker_accepted_total", "counter", kWorker,
       "Connections that the worker accepted.",
       per_worker<field<&Worker::accepted>>},
      {"launch_worker_sent_bytes_total", "counter", kWorker,
       "Bytes that the worker sent to clients.",
       per_worker<field<&Worker::bytes_sent>>},
      {"launch_worker_connections", "gauge", kWorker,
       "Connections that are open.", per_worker<field<&Worker::connections>>},
      {"launch_worker_in_progress", "gauge", kWorker,
       "Requests that are being answered.",
       per_worker<field<&Worker::in_progress>>},
      {"launch_worker_pss_bytes", "gauge", kWorker,
       "Memory of the worker, its share of common pages included.", memory},
      {"launch_worker_restarts_total", "counter", "worker, cause",
       "How often the worker's process was replaced.", restarts},
      {"launch_accept_queue", "gauge", "address",
       "Connections that wait to be accepted.",
       per_listener<field<&ListenerStatus::queued>>},
      {"launch_accept_queue_limit", "gauge", "address",
       "Connections that may wait to be accepted.",
       per_listener<field<&ListenerStatus::queue_limit>>},
      {"launch_listen_overflows_total", "counter", "",
       "Connections that the kernel turned away since the start, since a queue "
       "was full, of all sockets of this network namespace.",
       overflows},
      {"launch_request_duration_seconds", "histogram", "le",
       "From a request's first byte to the end of its answer.", latency},
  };
  return rows;
}

std::string metrics_text(const ServiceStatus& status) {
  std::string text;
  for (const MetricRow& row : metric_rows()) {
    std::string samples;
    row.write(samples, row.name, status);
    if (samples.empty()) continue;
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", row.name, row.help,
                        row.type);
    text += samples;
  }
  return text;
}

}  // namespace launch
