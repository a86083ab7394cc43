#pragma once

#include <string>
#include <vector>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// What disturbed the measurement or limits what it says, a sentence each:
/// errors, the generator as the limit, time stolen by the host, uneven or
/// unknown work per worker, a busy machine, too few rounds.
std::vector<std::string> find_warnings(const Comparison& comparison);

}  // namespace launch::bench
