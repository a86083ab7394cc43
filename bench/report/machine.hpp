#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// What this process runs on. What cannot be read stays empty or 0.
Machine read_machine();

/// "model name" of the first core in the text of /proc/cpuinfo, or empty.
std::string parse_cpu_model(std::string_view cpuinfo);

/// MemTotal in the text of /proc/meminfo, in bytes, or 0.
std::uint64_t parse_memory_bytes(std::string_view meminfo);

}  // namespace launch::bench
