#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace launch {

// What cgroups allow. `membership` is the text of /proc/self/cgroup, `mount` is
// where the hierarchies are, of v2 or v1.

/// The folders of a cgroup and its ancestors that may limit `controller`
/// ("cpu"), outermost first; some may not exist.
std::vector<std::filesystem::path> cgroup_folders(
    std::string_view membership, const std::filesystem::path& mount,
    std::string_view controller);

/// The smallest limit on memory, in bytes: memory.max and memory.high of v2,
/// memory.limit_in_bytes of v1; nothing without one.
std::optional<std::uint64_t> memory_limit(std::string_view membership,
                                          const std::filesystem::path& mount);

/// That of this process.
std::optional<std::uint64_t> own_memory_limit();

}  // namespace launch
