#include "bench/report/units.hpp"

#include <array>

#include <fmt/core.h>

namespace launch::bench {
namespace {

struct Unit {
  double limit;  ///< the first value that is too large for it
  double size;
  const char* name;
};

constexpr double kKibi = 1024;

constexpr std::array kTimeUnits{Unit{999.5, 1, "us"}, Unit{999.5e3, 1e3, "ms"},
                                Unit{1e300, 1e6, "s"}};
constexpr std::array kByteUnits{Unit{999.5 * kKibi, kKibi, "K"},
                                Unit{999.5 * kKibi * kKibi, kKibi* kKibi, "M"},
                                Unit{1e300, kKibi* kKibi* kKibi, "G"}};

template <typename Units>
std::string with_unit(double value, const Units& units) {
  for (const Unit& unit : units)
    if (value < unit.limit) return number_text(value / unit.size) + unit.name;
  return number_text(value);
}

}  // namespace

std::string number_text(double value) {
  // The limits lie where rounding would add a digit: 9.996 is "10.0".
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  if (value < 1e7) return fmt::format("{:.0f}", value);
  return fmt::format("{:.2e}", value);
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, " ");
  return text;
}

std::string percent_text(double share) {
  const double percent = share * 100;
  const bool whole =
      percent == 0 || percent >= 100 || (percent >= 1 && percent <= 99);
  return whole ? fmt::format("{:.0f} %", percent)
               : fmt::format("{:.1f} %", percent);
}

std::string duration_text(double microseconds) {
  if (microseconds < 999.5) return fmt::format("{:.0f}us", microseconds);
  return with_unit(microseconds, kTimeUnits);
}

std::string bytes_text(std::uint64_t bytes) {
  return with_unit(static_cast<double>(bytes), kByteUnits);
}

std::string list_text(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace launch::bench
