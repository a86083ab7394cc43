#include "cli/limit_flags.hpp"

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/validators.hpp"

namespace launch::cli {
namespace {

std::string flag_of(const LimitRow& row) {
  return "--" + std::string(row.name);
}

std::string_view kind_of(LimitUnit unit) {
  switch (unit) {
    case LimitUnit::bytes:
      return "SIZE";
    case LimitUnit::time:
      return "TIME";
    case LimitUnit::rate:
      return "BYTES";
    case LimitUnit::count:
      break;
  }
  return "N";
}

std::uint64_t parse_limit(const LimitRow& row, const std::string& text) {
  const std::string flag = flag_of(row);
  if (row.unit == LimitUnit::time)
    return static_cast<std::uint64_t>(parse_duration(flag, text).count());
  if (row.unit == LimitUnit::bytes) return parse_size(flag, text, row.most);
  return parse_count(flag, text, row.most);
}

}  // namespace

void add_limit_flags(CLI::App& app, LimitFlags& flags) {
  for (std::size_t i = 0; i < kLimits.size(); ++i) {
    const LimitRow& row = kLimits[i];
    std::string help{row.help};
    if (!row.setter.empty())
      help += fmt::format("; an app sets it with {}", row.setter);
    app.add_option(flag_of(row), flags[i], help)
        ->envname(std::string(row.environment))
        ->option_text(fmt::format("{} [{}]", kind_of(row.unit),
                                  limit_text(row.unit, row.preset)))
        ->group("Limits");
  }
}

LimitSettings parse_limits(const LimitFlags& flags) {
  LimitSettings settings;
  for (std::size_t i = 0; i < kLimits.size(); ++i)
    if (!flags[i].empty()) settings[i] = parse_limit(kLimits[i], flags[i]);
  return settings;
}

std::string limits_text(const EngineLimits& limits) {
  std::string text = "limits\n";
  for (std::size_t i = 0; i < kLimits.size(); ++i)
    text +=
        fmt::format("  {:<28}{}\n", kLimits[i].name,
                    limit_text(kLimits[i].unit, limits[static_cast<Limit>(i)]));
  return text;
}

}  // namespace launch::cli
