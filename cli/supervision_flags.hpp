#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "modes/serve.hpp"

namespace launch::cli {

/// How workers are looked after, as it was typed; empty where it was not.
struct SupervisionFlags {
  std::string accept;
  std::string boot_timeout;
  std::string hang_timeout;
  std::string max_requests;
  std::string max_lifetime;
  std::string max_worker_memory;
  std::optional<int> max_unavailable;
  bool preload = false;
};

void add_supervision_flags(CLI::App& app, SupervisionFlags& flags);

/// Throws UsageError; also for each flag that was given to a mode that has no
/// supervisor.
SupervisionPlan parse_supervision(const SupervisionFlags& flags,
                                  const Mode& mode);

}  // namespace launch::cli
