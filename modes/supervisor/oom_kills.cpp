#include "modes/supervisor/oom_kills.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace launch {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The number behind "oom_kill " at the beginning of a line.
std::optional<std::uint64_t> count_in(const std::string& text) {
  std::istringstream lines(text);
  std::string key;
  std::uint64_t count = 0;
  while (lines >> key >> count)
    if (key == "oom_kill") return count;
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> oom_kills() {
  return oom_kills(contents("/proc/self/cgroup"), "/sys/fs/cgroup");
}

std::optional<std::uint64_t> oom_kills(std::string_view membership,
                                       const std::filesystem::path& mount) {
  std::istringstream lines{std::string(membership)};
  for (std::string line; std::getline(lines, line);) {
    // "0::/path" of version 2, "4:memory:/path" of version 1.
    const auto names = line.find(':');
    const auto path = line.find(":/", names == std::string::npos ? 0 : names);
    if (names == std::string::npos || path == std::string::npos) continue;
    const std::string controller = line.substr(names + 1, path - names - 1);
    const std::string group = line.substr(path + 2);
    std::optional<std::uint64_t> count;
    if (controller.empty())
      count = count_in(contents(mount / group / "memory.events"));
    else if (controller == "memory")
      count =
          count_in(contents(mount / "memory" / group / "memory.oom_control"));
    if (count) return count;
  }
  return std::nullopt;
}

}  // namespace launch
