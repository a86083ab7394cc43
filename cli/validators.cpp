#include "cli/validators.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"

namespace launch::cli {
namespace {

struct UnitRow {
  std::string_view suffix;
  double milliseconds;
};

// "ms" before "s", which it ends with.
constexpr std::array kUnits{UnitRow{"ms", 1}, UnitRow{"s", 1000},
                            UnitRow{"m", 60'000}, UnitRow{"", 1000}};

struct SizeRow {
  std::string_view suffix;
  std::uint64_t bytes;
};
constexpr std::array kSizes{SizeRow{"", 1}, SizeRow{"K", 1u << 10},
                            SizeRow{"M", 1u << 20}, SizeRow{"G", 1u << 30}};

}  // namespace

CLI::Validator one_of(std::string_view what, std::vector<std::string> names) {
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  return {[what = std::string{what}, names = std::move(names),
           list](std::string& text) {
            if (std::find(names.begin(), names.end(), text) != names.end())
              return std::string{};
            return fmt::format("\"{}\" is no {}: use one of {}", text, what,
                               list);
          },
          "", std::string{what}};
}

CLI::Validator whole_number(long low, long high) {
  return CLI::Validator(
      [low, high](std::string& text) {
        long value = 0;
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, value);
        // CLI11 would read "010" as octal.
        const bool octal = text.size() > 1 && text.front() == '0';
        if (read.ec == std::errc{} && read.ptr == end && !octal &&
            value >= low && value <= high)
          return std::string{};
        return fmt::format("\"{}\" is not a whole number from {} to {}", text,
                           low, high);
      },
      "");
}

milliseconds parse_duration(std::string_view flag, std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  const std::string_view suffix{read.ptr,
                                static_cast<std::size_t>(end - read.ptr)};
  const auto* const unit =
      std::find_if(kUnits.begin(), kUnits.end(),
                   [&](const UnitRow& row) { return row.suffix == suffix; });
  const double ms = unit == kUnits.end() ? 0 : value * unit->milliseconds;
  constexpr double kMost = 24.0 * 3600 * 1000;
  if (read.ec != std::errc{} || !(ms >= 1) || ms > kMost)
    throw UsageError(fmt::format(
        "{}: \"{}\" is not a time from 1ms to 24 hours: write, say, 30s, "
        "500ms or 2m",
        flag, text));
  return milliseconds{static_cast<milliseconds::rep>(ms)};
}

std::uint64_t parse_size(std::string_view flag, std::string_view text,
                         std::uint64_t most) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  const std::string_view suffix{read.ptr,
                                static_cast<std::size_t>(end - read.ptr)};
  const auto* const unit =
      std::find_if(kSizes.begin(), kSizes.end(),
                   [&](const SizeRow& row) { return row.suffix == suffix; });
  if (read.ec != std::errc{} || unit == kSizes.end() || value < 1 ||
      value > most / unit->bytes)
    throw UsageError(fmt::format(
        "{}: \"{}\" is not a size from 1 to {} bytes: write, say, 8192, 64K "
        "or 2M",
        flag, text, most));
  return value * unit->bytes;
}

std::uint64_t parse_count(std::string_view flag, std::string_view text,
                          std::uint64_t most) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value < 1 || value > most)
    throw UsageError(fmt::format(
        "{}: \"{}\" is not a whole number from 1 to {}", flag, text, most));
  return value;
}

}  // namespace launch::cli
