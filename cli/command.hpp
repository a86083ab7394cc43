#pragma once

#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"

namespace launch::cli {

/// The user asked for something that makes no sense; what() is one sentence
/// that says what to write instead.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One function per command: declares its flags on `app` and, when it is the
// command that was asked for, leaves its result in `result`.
void add_serve_command(CLI::App& app, ExitCode& result);
void add_bench_command(CLI::App& app, ExitCode& result);
void add_check_command(CLI::App& app, ExitCode& result);
void add_ctl_command(CLI::App& app, ExitCode& result);
/// Hidden: what a supervisor starts.
void add_worker_command(CLI::App& app, ExitCode& result);

/// Prints the message of a result that has one, and maps its outcome.
ExitCode report(const ServeResult& result);

}  // namespace launch::cli
