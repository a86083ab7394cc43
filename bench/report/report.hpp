#pragma once

#include <string>
#include <string_view>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// The table and the verdicts for people. `width` is the terminal's; `colour`
/// allows ANSI colours.
std::string to_text(const Comparison& comparison, int width, bool colour);

/// The fields of docs/output.md, with `tool_version` as tool.version.
std::string to_json(const Comparison& comparison,
                    std::string_view tool_version);

}  // namespace launch::bench
