#include "modes/log.hpp"

#include <unistd.h>

#include <array>
#include <utility>

namespace launch {
namespace {

struct LevelRow {
  LogLevel level;
  std::string_view name;   ///< as typed after `--log-level`
  std::string_view label;  ///< padded as uvicorn does
};

constexpr std::array kLevels{
    LevelRow{LogLevel::debug, "debug", "DEBUG:    "},
    LevelRow{LogLevel::info, "info", "INFO:     "},
    LevelRow{LogLevel::warning, "warning", "WARNING:  "},
    LevelRow{LogLevel::error, "error", "ERROR:    "},
};

LogLevel g_level = LogLevel::info;

/// A request line or an exception's text may hold what a client sent: it must
/// neither begin a line nor reach a terminal as a control sequence.
void append_one_line(std::string& line, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      line += fmt::format("\\x{:02x}", byte);
    else
      line += c;
  }
}

}  // namespace

std::optional<LogLevel> find_log_level(std::string_view name) {
  for (const LevelRow& row : kLevels)
    if (row.name == name) return row.level;
  return std::nullopt;
}

std::string_view to_string(LogLevel level) {
  return kLevels[static_cast<std::size_t>(level)].name;
}

void set_log_level(LogLevel level) { g_level = level; }

bool log_enabled(LogLevel level) { return level >= g_level; }

void log_line(LogLevel level, std::string_view text) {
  if (!log_enabled(level)) return;
  std::string line{kLevels[static_cast<std::size_t>(level)].label};
  append_one_line(line, text);
  line += '\n';
  // A log that cannot be written must not stop the server that writes it.
  [[maybe_unused]] const auto written =
      ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace launch
