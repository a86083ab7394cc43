#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "modes/process/process_plan.hpp"

namespace launch::cli {

/// The flags on files and rights of the process as they were typed; empty where
/// one was not given.
struct ProcessFlags {
  std::string env_file;
  std::string pid_file;
  std::string ready_file;
  std::string user;
  std::string group;
};

void add_process_flags(CLI::App& app, ProcessFlags& flags);

/// Throws UsageError, also when the environment file cannot be read by now or
/// the user is none that this process may become.
ProcessPlan process_plan(const ProcessFlags& flags);

}  // namespace launch::cli
