#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "modes/app/app.hpp"
#include "modes/base/clock.hpp"
#include "modes/control/control_plane.hpp"
#include "modes/engine/accept_strategy.hpp"
#include "modes/engine/limits.hpp"
#include "modes/engine/request_log.hpp"
#include "modes/http/forwarded.hpp"
#include "modes/log.hpp"
#include "modes/mode.hpp"
#include "modes/outcome.hpp"
#include "modes/process/process_plan.hpp"
#include "modes/supervisor/backoff.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/watch.hpp"

namespace launch {

/// How a supervisor looks after its workers.
struct SupervisionPlan {
  milliseconds boot_timeout{30'000};  ///< start -> ready, else given up
  int max_unavailable = 0;  ///< workers that a reload may stop beforehand
  AcceptStrategy accept = AcceptStrategy::shared;
  bool preload = false;  ///< workers are clones of one that loaded the app
  WatchRules watch;
  Backoff::Rules backoff{};
};

/// Everything that `launch [APP]` was asked for.
struct ServePlan {
  AppSpec app;
  Mode mode = kModes[0];
  Shape shape;
  std::vector<Address> binds{TcpAddress{}};  ///< at least one
  ListenOptions listen;
  LogLevel log_level = LogLevel::info;
  AccessLogPlan access_log;
  TrustedPeers trusted_peers;  ///< whose word on the client is taken
  LimitSettings limits{};      ///< that the user set
  ProcessPlan process;
  std::vector<std::string> warnings{};  ///< told when all are ready
  milliseconds graceful_timeout{30'000};
  /// Stop asked -> nothing new is let in; readiness is gone meanwhile.
  milliseconds drain_delay{0};
  SupervisionPlan supervision;  ///< of a mode with many workers
  ControlPlan control{};        ///< how it is watched and controlled
  int ready_fd = -1;            ///< gets one JSON line when ready; -1: none
  int stats_fd = -1;  ///< answers each byte with a JSON line; -1: none
};

/// Binds, checks the app in a probe child, then runs the one worker in this
/// process, or a supervisor when the mode has many. Takes over `ready_fd` and
/// `stats_fd`. Must be called from the main thread, before others start.
ServeResult serve(const ServePlan& plan);

/// The line for `--ready-fd`:
/// {"pid":1,"mode":"prefork","addresses":["http://127.0.0.1:8000"],
///  "workers":[{"id":1,"pid":2}]}
/// with an address for each listener, in their order.
struct ReadyWorker {
  int id = 1;
  int pid = 0;
};
std::string ready_json(std::string_view mode,
                       const std::vector<Bound>& listeners,
                       const std::vector<ReadyWorker>& workers);

}  // namespace launch
