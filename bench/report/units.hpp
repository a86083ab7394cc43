#pragma once

#include <cstdint>
#include <string>
#include <vector>

// How numbers are written for people, the same in the table and in sentences.

namespace launch::bench {

/// 3 significant digits or whole numbers: "1.93", "15.6", "156".
std::string number_text(double value);

/// In groups of three digits: "48 211".
std::string count_text(std::uint64_t count);

/// A share of 1: "97 %"; with a decimal where whole per cents would say none
/// or all: "0.6 %", "99.4 %".
std::string percent_text(double share);

/// Microseconds with a unit that keeps it short: "812us", "1.23ms", "10.2s".
std::string duration_text(double microseconds);

/// "640K", "12.3M", "1.50G" (powers of 1024).
std::string bytes_text(std::uint64_t bytes);

/// "a", "a and b", "a, b and c".
std::string list_text(const std::vector<std::string>& names);

}  // namespace launch::bench
