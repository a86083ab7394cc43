#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/environment.hpp"
#include "modes/control/control_plane.hpp"

namespace launch::cli {

/// The flags that say how a service is watched and controlled, as they were
/// typed; nothing where a flag was not given.
struct ControlFlags {
  std::vector<std::string> admin_binds;
  std::optional<std::string> control;
};

void add_control_flags(CLI::App& app, ControlFlags& flags);

/// What `--control` is given to have no control socket.
inline constexpr std::string_view kNoControl = "none";

/// The default control socket is in default_control_folder() and named by
/// `self`, the pid of the service. Throws UsageError.
ControlPlan control_plan(const ControlFlags& flags,
                         const Environment& environment, pid_t self);

/// Where the control sockets of this user's services are by default.
std::string control_folder(const Environment& environment);

}  // namespace launch::cli
