#include "bench/report/text_parts.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "bench/report/units.hpp"

namespace launch::bench {

std::string heading_text(const std::string& app, const Machine& machine) {
  return fmt::format(
      "{} on {}, {} {}, {} of memory, {}, load average {:.2f}", app,
      machine.cpu_model.empty() ? "an unknown CPU" : machine.cpu_model,
      machine.cores, machine.cores == 1 ? "core" : "cores",
      bytes_text(machine.memory_bytes), machine.kernel, machine.load_average);
}

std::vector<std::string> failure_lines(const std::vector<Failure>& failures) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Failure& failure : failures) {
    auto group = std::find_if(
        groups.begin(), groups.end(),
        [&](const auto& other) { return other.first == failure.reason; });
    if (group == groups.end())
      group = groups.insert(group, {failure.reason, {}});
    auto& names = group->second;
    if (std::find(names.begin(), names.end(), failure.contender) == names.end())
      names.push_back(failure.contender);
  }
  std::vector<std::string> lines;
  for (const auto& [reason, contenders] : groups)
    lines.push_back(fmt::format("  {}: {}", list_text(contenders), reason));
  return lines;
}

}  // namespace launch::bench
