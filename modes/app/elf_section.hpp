#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

namespace launch {

/// The bytes are no shared library for this machine, or damaged; what() goes on
/// after the file's name: "is not a shared library".
struct BadElf : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The contents of the section called `name` in a shared library; nothing when
/// it has none. Reads only inside `file`, whatever the bytes say. Throws
/// BadElf.
std::optional<std::span<const std::byte>> find_elf_section(
    std::span<const std::byte> file, std::string_view name);

}  // namespace launch
