#pragma once

#include "bench/reference/limit_options.hpp"
#include "bench/reference/measured_server.hpp"

namespace launch::bench {

/// Without wrk there is nothing to compare the generator with.
bool has_wrk();

/// Measures the CPU per request of our load generator in turn with wrk's, both
/// driving the bare server, and prints each round and the medians.
void compare_generators(const Argv& bare_server, const LimitOptions& options,
                        const Cores& cores);

}  // namespace launch::bench
