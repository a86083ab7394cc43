#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "modes/base/descriptor.hpp"

namespace launch {

/// `bytes` in a memory file that nobody can change any more (sealed) and that
/// may be mapped as code; `name` is what /proc/PID/maps and stack traces show.
/// Throws std::system_error where the system allows no such file.
Descriptor private_copy(const std::string& name,
                        std::span<const std::byte> bytes);

}  // namespace launch
