#pragma once

#include <string>
#include <string_view>

#include "bench/during/during_records.hpp"

namespace launch::bench {

/// The tables and one verdict per contender and load for people. `width` is the
/// terminal's; `colour` allows ANSI colours.
std::string to_text(const DuringReport& report, int width, bool colour);

/// "200 reloads (112ms each, at most 140ms), 0 of 48 211 requests lost, longest
/// gap 12.3ms", where it is known how long one took.
std::string verdict_text(const DuringPlan& plan, const DuringTrial& trial);

/// The fields of docs/output.md, with `tool_version` as tool.version.
std::string to_json(const DuringReport& report, std::string_view tool_version);

}  // namespace launch::bench
