#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "modes/base/clock.hpp"

namespace launch::cli {

/// The names of a table's rows, in their order.
template <typename Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

/// One of a table's names; the message lists them all.
CLI::Validator one_of(std::string_view what, std::vector<std::string> names);

/// A whole number from `low` to `high`.
CLI::Validator whole_number(long low, long high);

/// "30", "30s", "500ms", "2m": a positive time; without a unit, seconds.
/// Throws UsageError naming `flag`.
milliseconds parse_duration(std::string_view flag, std::string_view text);

/// "65536", "64K", "8M", "1G": bytes, from 1 to `most`. Throws UsageError.
std::uint64_t parse_size(std::string_view flag, std::string_view text,
                         std::uint64_t most);

/// A whole number from 1 to `most`. Throws UsageError.
std::uint64_t parse_count(std::string_view flag, std::string_view text,
                          std::uint64_t most);

}  // namespace launch::cli
