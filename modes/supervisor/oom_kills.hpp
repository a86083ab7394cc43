#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace launch {

/// How many processes of our cgroup the kernel has killed for memory so far;
/// nothing where no memory cgroup tells.
std::optional<std::uint64_t> oom_kills();

/// The same, apart from where it was read: `membership` is the text of
/// /proc/self/cgroup, `mount` is where the hierarchies are: v2 as
/// memory.events, v1 as memory/.../memory.oom_control.
std::optional<std::uint64_t> oom_kills(std::string_view membership,
                                       const std::filesystem::path& mount);

}  // namespace launch
