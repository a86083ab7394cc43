#include "bench/compare/host_time.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace launch::bench {

std::optional<HostTime> parse_host_time(std::string_view text) {
  std::istringstream line{std::string(text.substr(0, text.find('\n')))};
  std::string name;
  if (!(line >> name) || name != "cpu") return std::nullopt;
  // user nice system idle iowait irq softirq steal; what follows (guest time)
  // is part of user and nice.
  constexpr int kSystem = 2;
  constexpr int kSteal = 7;
  HostTime time;
  std::uint64_t ticks = 0;
  for (int field = 0; field <= kSteal; ++field) {
    if (!(line >> ticks)) return std::nullopt;
    time.total += ticks;
    if (field <= kSystem) time.busy += ticks;
    if (field == kSteal) time.steal = ticks;
  }
  return time;
}

HostTime read_host_time() {
  std::ifstream file("/proc/stat");
  std::string line;
  std::getline(file, line);
  return parse_host_time(line).value_or(HostTime{});
}

double steal_share(const HostTime& begin, const HostTime& end) {
  if (end.total <= begin.total || end.steal < begin.steal) return 0;
  return static_cast<double>(end.steal - begin.steal) /
         static_cast<double>(end.total - begin.total);
}

double other_cpu_share(const HostTime& begin, const HostTime& end,
                       double own_cpu_s) {
  if (end.total <= begin.total || end.busy < begin.busy) return 0;
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double others =
      static_cast<double>(end.busy - begin.busy) - own_cpu_s * ticks_per_second;
  return std::clamp(others / static_cast<double>(end.total - begin.total), 0.0,
                    1.0);
}

}  // namespace launch::bench
