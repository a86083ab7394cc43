#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace launch::bench {

/// Time of all cores since the start of the machine, in clock ticks.
struct HostTime {
  std::uint64_t total = 0;
  std::uint64_t steal = 0;  ///< taken by the host for other machines
  std::uint64_t busy = 0;   ///< of all processes: user, nice and system
};

/// From the text of /proc/stat; nothing when it has no "cpu" line.
std::optional<HostTime> parse_host_time(std::string_view text);

/// Zeros when /proc/stat cannot be read.
HostTime read_host_time();

/// Share of all cores' time that was stolen between two readings; ticks of
/// 10 ms, so short intervals are coarse.
double steal_share(const HostTime& begin, const HostTime& end);

/// Share of all cores' time that processes used between two readings, less
/// the `own_cpu_s` seconds of those that were measured; as coarse.
double other_cpu_share(const HostTime& begin, const HostTime& end,
                       double own_cpu_s);

}  // namespace launch::bench
