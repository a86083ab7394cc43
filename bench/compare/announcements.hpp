#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/compare/target.hpp"

// What a contender writes to `--ready-fd` and `--stats-fd`.

namespace launch::bench {

/// Where a ready server answers.
struct Address {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
};

/// The first address of a ready line, {"addresses":["http://127.0.0.1:80"]}.
/// Nothing when it is not such a line.
std::optional<Address> parse_ready_line(std::string_view line);

/// "http://127.0.0.1:8000" or "http://[::1]:8000", with or without a path.
std::optional<Address> parse_url(std::string_view url);

/// {"workers":[{"id":1,"pid":7,"requests":9,"accepted":2,"connections":1}]}
/// Nothing when it is not such a line.
std::optional<std::vector<WorkerCounts>> parse_counts_line(
    std::string_view line);

}  // namespace launch::bench
