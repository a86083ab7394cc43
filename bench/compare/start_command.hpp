#pragma once

#include <string>
#include <vector>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// Under which numbers our own server gets its descriptors.
inline constexpr int kReadyFd = 200;
inline constexpr int kStatsFd = 201;

/// Where a server of any other kind is told to listen.
inline constexpr const char* kForeignHost = "127.0.0.1";

/// What is really started: the contender's argv with `--port`, `--ready-fd` and
/// `--stats-fd` added; or, of a foreign one, with {host} and {port} replaced.
std::vector<std::string> start_command(const Contender& contender);

/// `text` with each `{name}` replaced by `value`.
std::string with_placeholder(std::string text, const std::string& name,
                             const std::string& value);

}  // namespace launch::bench
