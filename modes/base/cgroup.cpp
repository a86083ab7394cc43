#include "modes/base/cgroup.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

namespace launch {
namespace {

namespace fs = std::filesystem;

/// Where the controllers of one line of /proc/self/cgroup may be mounted.
std::vector<fs::path> mounts_of(std::string_view controllers,
                                const fs::path& mount,
                                std::string_view wanted) {
  if (controllers.empty()) return {mount, mount / "unified"};
  std::istringstream list{std::string(controllers)};
  for (std::string name; std::getline(list, name, ',');)
    if (name == wanted) return {mount / wanted, mount / controllers};
  return {};
}

/// A container may see the path its cgroup has on the host, of which only the
/// last part, or nothing, exists below its mount.
void append_chain(std::vector<fs::path>& folders, fs::path folder,
                  const fs::path& group) {
  folders.push_back(folder);
  for (const fs::path& part : group.relative_path()) {
    folder /= part;
    folders.push_back(folder);
  }
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

/// "max" and v1's highest number mean that there is no limit.
std::optional<std::uint64_t> bytes_in(const fs::path& path) {
  constexpr std::uint64_t kNoLimit = 1ULL << 60;
  const std::string text = text_of(path);
  std::uint64_t bytes = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, bytes);
  if (read.ec != std::errc{} || read.ptr != end || bytes >= kNoLimit)
    return std::nullopt;
  return bytes;
}

}  // namespace

std::vector<fs::path> cgroup_folders(std::string_view membership,
                                     const fs::path& mount,
                                     std::string_view controller) {
  std::vector<fs::path> folders;
  std::istringstream lines{std::string(membership)};
  // hierarchy:controllers:path
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    for (const fs::path& root : mounts_of(controllers, mount, controller))
      append_chain(folders, root, line.substr(second + 1));
  }
  return folders;
}

std::optional<std::uint64_t> memory_limit(std::string_view membership,
                                          const fs::path& mount) {
  constexpr std::array kFiles{"memory.max", "memory.high",
                              "memory.limit_in_bytes"};
  std::optional<std::uint64_t> smallest;
  for (const fs::path& folder : cgroup_folders(membership, mount, "memory"))
    for (const char* const file : kFiles)
      if (const auto bytes = bytes_in(folder / file))
        smallest = std::min(*bytes, smallest.value_or(*bytes));
  return smallest;
}

std::optional<std::uint64_t> own_memory_limit() {
  std::ifstream file("/proc/self/cgroup");
  const std::string membership{std::istreambuf_iterator<char>(file), {}};
  return memory_limit(membership, "/sys/fs/cgroup");
}

}  // namespace launch
