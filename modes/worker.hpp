#pragma once

#include <string>
#include <vector>

#include "modes/app/app.hpp"
#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/control/control_plane.hpp"
#include "modes/engine/accept_strategy.hpp"
#include "modes/engine/limits.hpp"
#include "modes/engine/request_log.hpp"
#include "modes/http/forwarded.hpp"
#include "modes/mode.hpp"
#include "modes/outcome.hpp"
#include "modes/process/owned_file.hpp"
#include "modes/process/systemd_notifier.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/scoreboard.hpp"

namespace launch {

/// What every worker is told, however it was started.
struct WorkerPlan {
  AppSpec app;
  int id = 1;    ///< from 1
  int seat = 1;  ///< of the scoreboard
  Shape shape;
  AccessLogPlan access_log;
  TrustedPeers trusted_peers;  ///< whose word on the client is taken
  LimitSettings limits{};      ///< that the user set
  AcceptStrategy accept = AcceptStrategy::shared;
  milliseconds graceful_timeout{30'000};  ///< stop asked -> connections cut
  milliseconds drain_delay{0};  ///< stop asked -> stop; without a supervisor
};

/// What ties a worker to those who started it.
struct WorkerLinks {
  std::vector<Bound> listeners;
  Scoreboard scoreboard;
  /// If there is a supervisor: gets kReadyNews once requests are served, or
  /// kFailedNews and a sentence when the app cannot be started.
  Descriptor supervisor{};

  // Without a supervisor the worker itself talks to the outside:
  Descriptor ready{};  ///< `--ready-fd`: gets `ready_line` when ready
  std::string ready_line{};
  OwnedFile ready_file{};  ///< `--ready-file`: holds `ready_line` while ready
  SystemdNotifier systemd{};
  ControlPlane* control = nullptr;
  ServiceStatus service{};  ///< what it shows that does not change
  Descriptor stats{};       ///< `--stats-fd`: a line of counters for each byte
                            ///< that arrives, and one at the end
};

/// Loads and starts the app, serves on the listeners until INT or TERM, then
/// stops accepting, finishes what is in flight and runs the shut-down hooks. A
/// second signal, the end of `graceful_timeout`, or QUIT cuts what is left.
/// What other signals do is in kSignals.
ServeResult run_worker(const WorkerPlan& plan, WorkerLinks links);
/// The same with an app that is loaded already.
ServeResult run_worker(const WorkerPlan& plan, WorkerLinks links, App app);

}  // namespace launch
