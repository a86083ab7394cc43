#include "modes/serve.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "modes/base/descriptor_limit.hpp"
#include "modes/process/env_file.hpp"
#include "modes/process/pid_file.hpp"
#include "modes/supervisor/prefork.hpp"
#include "modes/worker.hpp"

namespace launch {
namespace {

/// Below it, a busy server may run out.
constexpr std::uint64_t kFewDescriptors = 10'000;

void raise_limits() {
  const DescriptorLimit limit = raise_descriptor_limit();
  const bool few = limit.now < kFewDescriptors;
  log_line(few ? LogLevel::info : LogLevel::debug,
           limit.before == limit.now
               ? fmt::format("open files: {}", limit.now)
               : fmt::format("open files: {} -> {}", limit.before, limit.now));
}

void warn_of_short_queues(const ServePlan& plan) {
  const auto is_ours = [](const Address& address) {
    return !std::holds_alternative<InheritedAddress>(address);
  };
  if (std::none_of(plan.binds.begin(), plan.binds.end(), is_ours)) return;
  const std::string warning =
      backlog_warning(plan.listen.backlog, kernel_backlog_limit());
  if (!warning.empty()) log_warning("{}", warning);
}

const char* own_variable(const char* name) { return std::getenv(name); }

/// The one worker of a mode without a supervisor, in this process.
ServeResult run_alone(const ServePlan& plan, std::vector<Bound> listeners,
                      OwnedFile ready_file) {
  std::string ready_line = ready_json(plan.mode.name, listeners,
                                      {{1, static_cast<int>(::getpid())}});
  ControlPlane control{plan.control};
  WorkerLinks links{.listeners = std::move(listeners),
                    .scoreboard = Scoreboard::create(),
                    .ready = Descriptor{plan.ready_fd},
                    .ready_line = std::move(ready_line),
                    .ready_file = std::move(ready_file),
                    .systemd = SystemdNotifier{own_variable},
                    .control = &control,
                    .service = {.version = plan.control.version,
                                .mode = std::string(plan.mode.name),
                                .pid = ::getpid(),
                                .workers_wanted = 1,
                                .generation = 1},
                    .stats = Descriptor{plan.stats_fd}};
  try {
    prepare_for_app(plan.process);
  } catch (const std::runtime_error& error) {
    return {Outcome::failed, error.what()};
  }
  return run_worker({.app = plan.app,
                     .id = 1,
                     .shape = plan.shape,
                     .access_log = plan.access_log,
                     .trusted_peers = plan.trusted_peers,
                     .limits = plan.limits,
                     .graceful_timeout = plan.graceful_timeout,
                     .drain_delay = plan.drain_delay},
                    std::move(links));
}

/// In the place of a program that served until now: all is bound, and workers
/// serve, which are replaced.
ServeResult serve_on(const ServePlan& plan, const Handover& predecessor) {
  ServePlan taken = plan;
  taken.binds.assign(predecessor.listeners.size(), TcpAddress{});
  taken.ready_fd = taken.stats_fd = -1;  // closed, and handed over
  OwnedFile pid_file;
  try {
    pid_file = claim_pid_file(plan.process.pid_file);
  } catch (const std::runtime_error& error) {
    log_warning("{}", error.what());
  }
  return run_prefork(taken, take_over(predecessor.listeners), predecessor);
}

/// Why the app cannot be loaded, if it cannot.
ServeResult try_app(const ServePlan& plan) {
  try {
    probe_app(plan.app, [&plan] { prepare_for_app(plan.process); });
    return {};
  } catch (const AppError& error) {
    return {Outcome::app_failed, error.what()};
  }
}

}  // namespace

ServeResult serve(const ServePlan& plan) {
  set_log_level(plan.log_level);
  // A client or reader that is gone is an error of one write, not our end.
  std::signal(SIGPIPE, SIG_IGN);
  raise_limits();
  if (const auto request = take_handover())
    return request->check_only ? try_app(plan)
                               : serve_on(plan, request->handover);
  // Each worker opens it for itself; here a wrong path is told before any
  // starts. A named pipe is kept, or its reader would take the gap for the end.
  std::optional<AccessLogFile> access_log;
  std::vector<Bound> listeners;
  OwnedFile pid_file;
  OwnedFile ready_file{plan.process.ready_file};
  try {
    if (plan.access_log.on) access_log.emplace(plan.access_log.file);
    if (access_log && plan.process.identity)
      access_log->give_to(plan.process.identity->user);
    if (access_log && access_log->is_regular()) access_log.reset();
    listeners = listen_on_all(plan.binds, plan.listen);
    pid_file = claim_pid_file(plan.process.pid_file);
    ready_file.clear();
  } catch (const std::runtime_error& error) {
    return {Outcome::failed, error.what()};
  }
  warn_of_short_queues(plan);
  if (ServeResult tried = try_app(plan); tried.outcome != Outcome::stopped)
    return tried;
  if (plan.mode.many_workers) return run_prefork(plan, std::move(listeners));
  return run_alone(plan, std::move(listeners), std::move(ready_file));
}

std::string ready_json(std::string_view mode,
                       const std::vector<Bound>& listeners,
                       const std::vector<ReadyWorker>& workers) {
  nlohmann::ordered_json json{{"pid", ::getpid()},
                              {"mode", mode},
                              {"addresses", nlohmann::ordered_json::array()},
                              {"workers", nlohmann::ordered_json::array()}};
  for (const Bound& bound : listeners) json["addresses"].push_back(bound.url);
  for (const ReadyWorker& worker : workers)
    json["workers"].push_back({{"id", worker.id}, {"pid", worker.pid}});
  return json.dump();
}

}  // namespace launch
