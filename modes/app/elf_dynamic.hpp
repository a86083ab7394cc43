#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace launch {

/// What a shared library says to the dynamic linker about names.
struct DynamicNames {
  std::string soname;                 ///< what others need it by; may be empty
  std::vector<std::string> needed;    ///< libraries that it needs
  std::vector<std::string> run_path;  ///< folders to look for them, in order
};

/// Reads only inside `file`, whatever the bytes say. A library without dynamic
/// section has no names. Throws BadElf.
DynamicNames read_dynamic_names(std::span<const std::byte> file);

}  // namespace launch
