#pragma once

#include "bench/reference/limit_options.hpp"
#include "bench/reference/measured_server.hpp"
#include "modes/base/clock.hpp"

namespace launch::bench {

/// What one server did under its workload.
struct ServerTrial {
  double cpu_us = 0;  ///< user and system, of all its processes, per request
  double requests_per_second = 0;
  double generator_share = 0;  ///< of one core
  double idle_bytes = 0;       ///< of PSS, per idle connection
};

/// Starts the server, measures it for `duration` and stops it. Throws
/// std::runtime_error when it does not start, when an answer is missing, bad or
/// of another size than the workload says, or when it closes idle connections.
ServerTrial measure_server(const Argv& command, const LimitWorkload& workload,
                           milliseconds duration, const Cores& cores);

/// The bytes of the workload's request.
std::string request_of(const LimitWorkload& workload, std::uint16_t port);

/// Raises this process's limit of open descriptors to what it may have.
void raise_descriptor_limit();

}  // namespace launch::bench
