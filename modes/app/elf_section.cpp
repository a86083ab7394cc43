#include "modes/app/elf_section.hpp"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace launch {
namespace {

using Bytes = std::span<const std::byte>;

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half kMachine = EM_RISCV;
#else
#error "name this machine's ELF number here"
#endif

constexpr unsigned char kByteOrder =
    std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

[[noreturn]] void fail_damaged() {
  throw BadElf("is damaged or cut short: build or copy it again");
}

Bytes part(Bytes file, std::uint64_t offset, std::uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) fail_damaged();
  return file.subspan(offset, size);
}

template <typename T>
T read_at(Bytes file, std::uint64_t offset) {
  T value;
  std::memcpy(&value, part(file, offset, sizeof value).data(), sizeof value);
  return value;
}

Elf64_Ehdr read_header(Bytes file) {
  const bool is_elf =
      file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0;
  if (!is_elf)
    throw BadElf(
        "is not a shared library: link the app with -shared and name the .so");
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != kByteOrder || header.e_machine != kMachine)
    throw BadElf("is built for another kind of machine: build it on this one");
  if (header.e_type != ET_DYN)
    throw BadElf("is an ELF file, but no shared library: link it with -shared");
  return header;
}

/// The section headers, addressed by number.
class SectionTable {
 public:
  explicit SectionTable(Bytes file) : file_(file), header_(read_header(file)) {
    if (header_.e_shoff == 0) return;
    if (header_.e_shentsize != sizeof(Elf64_Shdr))
      throw BadElf("has a section table that cannot be read");
    // Counts that do not fit into the header stand in the first section's.
    const auto first = section(0);
    count_ = header_.e_shnum != 0 ? header_.e_shnum : first.sh_size;
    const std::uint64_t names =
        header_.e_shstrndx != SHN_XINDEX ? header_.e_shstrndx : first.sh_link;
    if (names < count_) names_ = contents(section(names));
  }

  std::uint64_t count() const { return count_; }

  Elf64_Shdr section(std::uint64_t index) const {
    // Both small enough that the sum below cannot overflow.
    if (header_.e_shoff > file_.size() ||
        index > file_.size() / sizeof(Elf64_Shdr))
      fail_damaged();
    return read_at<Elf64_Shdr>(file_,
                               header_.e_shoff + index * sizeof(Elf64_Shdr));
  }

  Bytes contents(const Elf64_Shdr& section) const {
    if (section.sh_type == SHT_NOBITS) return {};
    return part(file_, section.sh_offset, section.sh_size);
  }

  std::string_view name(const Elf64_Shdr& section) const {
    if (section.sh_name >= names_.size()) return {};
    const Bytes rest = names_.subspan(section.sh_name);
    const auto end = std::find(rest.begin(), rest.end(), std::byte{0});
    return {reinterpret_cast<const char*>(rest.data()),
            static_cast<std::size_t>(end - rest.begin())};
  }

 private:
  Bytes file_;
  Elf64_Ehdr header_;
  std::uint64_t count_ = 0;
  Bytes names_;
};

}  // namespace

std::optional<Bytes> find_elf_section(Bytes file, std::string_view name) {
  const SectionTable table(file);
  for (std::uint64_t i = 0; i < table.count(); ++i) {
    const Elf64_Shdr section = table.section(i);
    if (table.name(section) == name) return table.contents(section);
  }
  return std::nullopt;
}

}  // namespace launch
