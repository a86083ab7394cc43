#pragma once

#include <array>
#include <string>

#include <CLI/CLI.hpp>

#include "modes/engine/limits.hpp"

namespace launch::cli {

/// The flags of kLimits as they were typed; empty where one was not given.
using LimitFlags = std::array<std::string, kLimits.size()>;

void add_limit_flags(CLI::App& app, LimitFlags& flags);

/// Throws UsageError naming the flag and what it takes.
LimitSettings parse_limits(const LimitFlags& flags);

/// What `launch check` prints: a line for each limit that holds.
std::string limits_text(const EngineLimits& limits);

}  // namespace launch::cli
