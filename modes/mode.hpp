#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace launch {

/// How a mode may be laid out. The rows below are the only place where modes
/// differ; nothing else may switch on a name.
struct Mode {
  std::string_view name;     ///< as typed after `--mode`
  std::string_view summary;  ///< one line, for the help text
  bool many_workers;         ///< a supervisor and N worker processes
  bool many_threads;         ///< T handler threads in each process
};

inline constexpr std::array kModes{
    Mode{"single", "one process, one event loop, handlers run inline", false,
         false},
    Mode{"prefork", "a supervisor and N worker processes on one socket", true,
         true},
    Mode{"thread-pool", "one process, any of T threads takes the next request",
         false, true},
};

/// Layout of a running server. Both counts are at least 1.
struct Shape {
  int workers = 1;  ///< processes that serve
  int threads = 1;  ///< handler threads in each of them

  bool operator==(const Shape&) const = default;
};

constexpr std::optional<Mode> find_mode(std::string_view name) {
  for (const Mode& mode : kModes)
    if (mode.name == name) return mode;
  return std::nullopt;
}

/// What a mode uses when no count is given, on a machine with `cores` cores.
constexpr Shape default_shape(const Mode& mode, int cores) {
  if (mode.many_workers) return {cores, 1};
  if (mode.many_threads) return {1, cores * 4 > 16 ? cores * 4 : 16};
  return {1, 1};
}

}  // namespace launch
