#pragma once

#include <array>
#include <string>
#include <string_view>

#include "modes/outcome.hpp"

namespace launch::cli {

/// How the program ends; docs/exit_codes.md and --help say the same.
enum class ExitCode {
  ok = 0,
  failed = 1,
  usage = 2,
  app_failed = 3,
  crash_loop = 4,
  threshold_missed = 10,
  inconclusive = 11,
  invalid = 12,
  requests_lost = 13,
  interrupted = 130,
};

struct ExitCodeRow {
  ExitCode code;
  std::string_view meaning;
};

/// Those that a command of today can return.
inline constexpr std::array kExitCodes{
    ExitCodeRow{ExitCode::ok,
                "did what was asked; a server: stopped on request"},
    ExitCodeRow{ExitCode::failed,
                "the run failed: address in use, I/O error, no good answer"},
    ExitCodeRow{ExitCode::usage, "wrong usage or configuration"},
    ExitCodeRow{ExitCode::app_failed,
                "an app or contender could not be loaded or started"},
    ExitCodeRow{ExitCode::crash_loop, "crash loop: the supervisor gave up"},
    ExitCodeRow{ExitCode::requests_lost,
                "requests were lost that must not be lost"},
    ExitCodeRow{ExitCode::interrupted,
                "a measurement was interrupted; what it finished is kept"},
};

/// The table above as lines for --help.
std::string exit_code_help();

constexpr ExitCode exit_code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::stopped:
      return ExitCode::ok;
    case Outcome::failed:
      return ExitCode::failed;
    case Outcome::app_failed:
      return ExitCode::app_failed;
    case Outcome::crash_loop:
      return ExitCode::crash_loop;
  }
  return ExitCode::failed;
}

// A supervisor knows its workers' exit status by number.
static_assert(static_cast<int>(exit_code_of(Outcome::app_failed)) ==
              kAppFailedStatus);

}  // namespace launch::cli
