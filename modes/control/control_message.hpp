#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "modes/control/status.hpp"

// What is said on the control socket: one JSON object on one line each way.

namespace launch {

/// The order is that of kControlCommands.
enum class ControlKind : std::uint8_t { status, workers, reload, scale, stop };

struct ControlCommandRow {
  std::string_view name;
  bool counts_workers;  ///< has a member "workers", a number from 1
  std::string_view summary;
};

inline constexpr std::array kControlCommands{
    ControlCommandRow{"status", false, "Show the service and its workers"},
    ControlCommandRow{"workers", false, "Show each worker"},
    ControlCommandRow{"reload", false,
                      "Replace every worker by one of the app as it is now, "
                      "and wait for it"},
    ControlCommandRow{"scale", true,
                      "Have so many workers, and wait until they are ready"},
    ControlCommandRow{"stop", false, "Stop gracefully, and wait for the end"},
};

constexpr std::string_view name_of(ControlKind kind) {
  return kControlCommands[static_cast<std::size_t>(kind)].name;
}

inline constexpr int kMostScale = 1024;  ///< workers

struct ControlCommand {
  ControlKind kind = ControlKind::status;
  int number = 0;  ///< of workers, for scale

  bool operator==(const ControlCommand&) const = default;
};

/// The command of a line, or a sentence that says what is wrong with it.
std::variant<ControlCommand, std::string> parse_command(std::string_view line);

/// As parse_command() reads it, without the line's end.
std::string command_json(const ControlCommand& command);

/// {"ok":true,"status":{...}} or {"ok":true,"workers":[...]}
std::string status_answer(ControlKind kind, const ServiceStatus& status);
/// {"ok":true,"message":"..."} or {"ok":false,"error":"..."}
std::string verdict_answer(bool ok, std::string_view message);

struct ControlAnswer {
  bool ok = false;
  std::string message;  ///< or what went wrong
  std::string data;     ///< the status or the workers, as JSON; or empty
};

/// Nothing when `line` is no answer.
std::optional<ControlAnswer> parse_answer(std::string_view line);

}  // namespace launch
