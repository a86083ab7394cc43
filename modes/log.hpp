#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace launch {

enum class LogLevel { debug, info, warning, error };

std::optional<LogLevel> find_log_level(std::string_view name);
std::string_view to_string(LogLevel level);  ///< as find_log_level() reads it

/// Lines below `level` are dropped. Set once, before any thread starts.
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

/// Writes "LEVEL:    text\n" to standard error in one write, so that lines of
/// several processes never mix. Control characters in `text` become \xNN.
void log_line(LogLevel level, std::string_view text);

template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  if (!log_enabled(LogLevel::debug)) return;
  log_line(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace launch
