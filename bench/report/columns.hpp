#pragma once

#include <vector>

#include "bench/compare/records.hpp"
#include "bench/report/layout.hpp"

namespace launch::bench {

/// The columns of one workload's table, the contender's name first. `base` is
/// the one that the column "x" is relative to. "-" stands for the unknown.
std::vector<Column> columns_of(const std::vector<const Summary*>& rows,
                               const Summary& base);

}  // namespace launch::bench
