#pragma once

#include <string>
#include <vector>

#include "bench/compare/records.hpp"

// What the reports for people have in common.

namespace launch::bench {

/// "demo on AMD EPYC, 2 cores, 23.5G of memory, Linux 6.1, load average 0.25"
std::string heading_text(const std::string& app, const Machine& machine);

/// "  single-1x1 and prefork-2x1: no database": one line for each reason, the
/// contenders that failed alike together.
std::vector<std::string> failure_lines(const std::vector<Failure>& failures);

}  // namespace launch::bench
