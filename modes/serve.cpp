#include "modes/serve.hpp"

#include <unistd.h>

#include <csignal>
#include <optional>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/prefork.hpp"
#include "modes/worker.hpp"

namespace launch {
namespace {

/// The one worker of a mode without a supervisor, in this process.
ServeResult run_alone(const ServePlan& plan, Bound bound) {
  WorkerLinks links{.listener = std::move(bound.fd),
                    .scoreboard = Scoreboard::create(1),
                    .url = bound.url,
                    .ready = Descriptor{plan.ready_fd},
                    .stats = Descriptor{plan.stats_fd}};
  if (links.ready)
    links.ready_line = ready_json(plan.mode.name, bound.url,
                                  {{1, static_cast<int>(::getpid())}});
  return run_worker({.app = plan.app,
                     .id = 1,
                     .shape = plan.shape,
                     .access_log = plan.access_log,
                     .limits = plan.limits,
                     .graceful_timeout = plan.graceful_timeout},
                    std::move(links));
}

}  // namespace

ServeResult serve(const ServePlan& plan) {
  set_log_level(plan.log_level);
  // A client or reader that is gone is an error of one write, not our end.
  std::signal(SIGPIPE, SIG_IGN);
  Bound bound;
  try {
    bound = bind_listener(plan.host, plan.port);
  } catch (const std::runtime_error& error) {
    return {Outcome::failed, error.what()};
  }
  try {
    probe_app(plan.app);
  } catch (const AppError& error) {
    return {Outcome::app_failed, error.what()};
  }
  if (plan.mode.many_workers)
    return run_prefork(plan, std::move(bound.fd), bound.url);
  return run_alone(plan, std::move(bound));
}

std::string ready_json(std::string_view mode, const std::string& url,
                       const std::vector<ReadyWorker>& workers) {
  nlohmann::ordered_json json{{"pid", ::getpid()},
                              {"mode", mode},
                              {"addresses", {url}},
                              {"workers", nlohmann::ordered_json::array()}};
  for (const ReadyWorker& worker : workers)
    json["workers"].push_back({{"id", worker.id}, {"pid", worker.pid}});
  return json.dump();
}

}  // namespace launch
