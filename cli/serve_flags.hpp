#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/bind_flags.hpp"
#include "cli/control_flags.hpp"
#include "cli/environment.hpp"
#include "cli/limit_flags.hpp"
#include "cli/log_flags.hpp"
#include "cli/process_flags.hpp"
#include "cli/supervision_flags.hpp"
#include "modes/process/worker_count.hpp"
#include "modes/serve.hpp"

namespace launch::cli {

inline constexpr int kAutoWorkers = 0;

/// The flags of `launch [APP]` and `launch check [APP]` as they were typed;
/// nothing where a flag was not given.
struct ServeFlags {
  std::string app = "demo";
  std::string mode = "single";
  std::optional<int> workers;  ///< kAutoWorkers: as many as the machine feeds
  std::optional<int> threads;
  BindFlags bind;
  ControlFlags control;
  std::string log_level = "info";
  LogFlags log;
  ProcessFlags process;
  std::string graceful_timeout = "30s";
  std::string drain_delay;
  SupervisionFlags supervision;
  int ready_fd = -1;
  int stats_fd = -1;
  LimitFlags limits;
};

void add_serve_flags(CLI::App& app, ServeFlags& flags);

/// What is served, and for the log: what was ignored or chosen, and what was
/// probably not meant.
struct ResolvedFlags {
  ServePlan plan;
  std::vector<std::string> remarks;
};

/// Command line over environment over default. A flag that the mode cannot
/// use throws UsageError with advice; AppError when the app's name is none.
ResolvedFlags resolve(const ServeFlags& flags, const Environment& environment,
                      const MachineFigures& machine);

}  // namespace launch::cli
