// How a supervisor is watched and controlled from outside.

#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "modes/base/process_stats.hpp"
#include "modes/log.hpp"
#include "modes/supervisor/supervisor.hpp"

namespace launch {
namespace {

/// Looking it up takes the kernel longer the larger a process is.
constexpr seconds kMemoryIsKnownFor{5};

constexpr const char* kStopping = "the service is stopping";

}  // namespace

void Supervisor::take_requests() {
  for (const ControlRequest& request : control_.take())
    if (!result_) on_request(request);
  if (!policy_.complete() || !scaling_ || has_surplus()) return;
  const auto done = std::exchange(scaling_, std::nullopt);
  control_.reply(done->ticket, true,
                 fmt::format("{} workers are ready", policy_.workers()));
}

void Supervisor::on_request(const ControlRequest& request) {
  if (request.kind == ControlKind::stop) {
    control_.reply(request.ticket, true, "stopping");
    if (policy_.stopping()) return;
    log_info("Asked by launch ctl: stopping gracefully");
    stop_signal_ = SIGTERM;
    systemd_.stopping();
    return feed(StopAsked{});
  }
  if (policy_.stopping())
    return control_.reply(request.ticket, false, kStopping);
  if (request.kind == ControlKind::reload) {
    log_info("Asked by launch ctl: reloading");
    reload_tickets_.push_back(request.ticket);
    return begin_reload();
  }
  if (scaling_)
    control_.reply(scaling_->ticket, false, "another number was asked for");
  scaling_ = request;
  ask_to_scale(request.number);
}

void Supervisor::answer_reloads(const Reloaded& reloaded) {
  last_reload_ = {reloaded.error.empty(), reloaded.error};
  for (const auto ticket : std::exchange(reload_tickets_, {}))
    control_.reply(
        ticket, reloaded.error.empty(),
        reloaded.error.empty()
            ? fmt::format("reloaded in {:.1f} s: all {} workers are new",
                          to_seconds(Clock::now() - reload_began_),
                          policy_.workers())
            : reloaded.error);
}

/// Nobody waits for what is not going to come. A reload has its own end.
void Supervisor::refuse_waiting() {
  if (const auto given_up = std::exchange(scaling_, std::nullopt))
    control_.reply(given_up->ticket, false, kStopping);
}

bool Supervisor::has_surplus() const {
  return std::any_of(workers_.begin(), workers_.end(), [this](const auto& at) {
    return at.second.id() > policy_.workers();
  });
}

ServiceStatus Supervisor::status() {
  ServiceStatus status;
  status.version = plan_.control.version;
  status.mode = plan_.mode.name;
  status.pid = ::getpid();
  status.state = policy_.stopping()    ? "stopping"
                 : !announced_         ? "starting"
                 : policy_.reloading() ? "reloading"
                                       : "ready";
  status.uptime_s = to_seconds(Clock::now() - began_);
  status.workers_wanted = policy_.workers();
  status.generation = policy_.generation();
  for (int id = 1; id <= policy_.workers(); ++id)
    status.workers.push_back(worker_status(id, status.latency));
  status.ready =
      announced_ && !policy_.stopping() &&
      std::any_of(status.workers.begin(), status.workers.end(),
                  [](const WorkerStatus& w) { return w.state == "ready"; });
  status.listeners = listener_statuses(listeners_);
  status.listen_overflows = overflows_.now();
  status.last_reload = last_reload_;
  return status;
}

/// A worker that is being replaced shows the process that serves.
WorkerStatus Supervisor::worker_status(int id, LatencyBuckets& latency) {
  WorkerStatus status{.id = id, .threads = plan_.shape.threads};
  add_totals(scoreboard_.totals(id), status, latency);
  const WorkerProcess* shown = nullptr;
  for (auto& [seat, worker] : workers_) {
    if (worker.id() != id) continue;
    const Seat& counts = scoreboard_.seat(seat);
    add_seat(counts, status, latency);
    const bool serves = counts.pid.load() != 0;
    if (shown != nullptr && !serves) continue;
    const bool is_starting = worker.ready == Clock::time_point{};
    status.state = serves ? "ready" : is_starting ? "starting" : "leaving";
    look_up_memory(worker);
    shown = &worker;
  }
  if (shown == nullptr) return status;
  status.pid = shown->pid();
  status.uptime_s = to_seconds(Clock::now() - shown->started);
  status.generation = shown->generation;
  status.pss_bytes = shown->pss;
  return status;
}

void Supervisor::look_up_memory(WorkerProcess& worker) {
  const auto now = Clock::now();
  if (now - worker.pss_looked_up < kMemoryIsKnownFor) return;
  worker.pss_looked_up = now;
  worker.pss = pss_bytes(worker.pid());
}

}  // namespace launch
