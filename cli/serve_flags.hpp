#pragma once

#include <functional>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/limit_flags.hpp"
#include "modes/serve.hpp"

namespace launch::cli {

/// The flags of `launch [APP]` and `launch check [APP]` as they were typed;
/// nothing where a flag was not given.
struct ServeFlags {
  std::string app = "demo";
  std::string mode = "single";
  std::optional<int> workers;
  std::optional<int> threads;
  std::optional<std::string> host;
  std::optional<int> port;
  std::string log_level = "info";
  bool access_log = false;
  std::string graceful_timeout = "30s";
  int ready_fd = -1;
  int stats_fd = -1;
  LimitFlags limits;
};

void add_serve_flags(CLI::App& app, ServeFlags& flags);

/// The value of an environment variable; nothing when unset or empty.
using Environment =
    std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
std::optional<std::string> environment(const std::string& name);

/// What is served, and remarks for the log on what was ignored.
struct ResolvedFlags {
  ServePlan plan;
  std::vector<std::string> remarks;
};

/// Command line over environment over default. A flag that the mode cannot
/// use throws UsageError with advice; AppError when the app's name is none.
ResolvedFlags resolve(const ServeFlags& flags, const Environment& environment,
                      int cores);

}  // namespace launch::cli
