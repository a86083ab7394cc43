#pragma once

#include <string>

#include "modes/app/app.hpp"
#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/engine/limits.hpp"
#include "modes/mode.hpp"
#include "modes/outcome.hpp"
#include "modes/supervisor/scoreboard.hpp"

namespace launch {

/// What every worker is told, however it was started.
struct WorkerPlan {
  AppSpec app;
  int id = 1;  ///< 1..shape.workers
  Shape shape;
  bool access_log = false;
  LimitSettings limits{};                 ///< that the user set
  milliseconds graceful_timeout{30'000};  ///< stop asked -> connections cut
};

/// What ties a worker to those who started it.
struct WorkerLinks {
  Descriptor listener;
  Scoreboard scoreboard;
  /// If there is a supervisor: gets kReadyNews once requests are served, or
  /// kFailedNews and a sentence when the app cannot be started.
  Descriptor supervisor{};

  // Without a supervisor the worker itself talks to the outside:
  std::string url{};   ///< logged when ready; empty under a supervisor
  Descriptor ready{};  ///< `--ready-fd`: gets `ready_line` when ready
  std::string ready_line{};
  Descriptor stats{};  ///< `--stats-fd`: a line of counters for each byte
                       ///< that arrives, and one at the end
};

/// Loads and starts the app, serves on the listener until INT or TERM, then
/// stops accepting, finishes what is in flight and runs the shut-down hooks. A
/// second signal, or the end of `graceful_timeout`, cuts what is left.
ServeResult run_worker(const WorkerPlan& plan, WorkerLinks links);

}  // namespace launch
