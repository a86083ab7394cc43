#include "modes/app/elf_section.hpp"

#include <elf.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using launch::BadElf;
using launch::find_elf_section;

namespace {

#if defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
constexpr Elf64_Half kMachine = EM_X86_64;
#endif

template <typename T>
void put(std::vector<std::byte>& file, std::size_t offset, const T& value) {
  if (file.size() < offset + sizeof value) file.resize(offset + sizeof value);
  std::memcpy(file.data() + offset, &value, sizeof value);
}

constexpr std::size_t kContents = 0x40;
constexpr std::size_t kNames = 0x50;
constexpr std::size_t kTable = 0x60;

// Three sections: the empty first one, "mine" with "hello", and the names.
struct SmallLibrary {
  Elf64_Ehdr header{};
  Elf64_Shdr mine{};
  Elf64_Shdr names{};

  SmallLibrary() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    header.e_machine = kMachine;
    header.e_shoff = kTable;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 3;
    header.e_shstrndx = 2;
    mine.sh_name = 1;
    mine.sh_type = SHT_PROGBITS;
    mine.sh_offset = kContents;
    mine.sh_size = 5;
    names.sh_type = SHT_STRTAB;
    names.sh_offset = kNames;
    names.sh_size = 6;
  }

  std::vector<std::byte> bytes() const {
    std::vector<std::byte> file;
    put(file, 0, header);
    put(file, kContents, std::array{'h', 'e', 'l', 'l', 'o'});
    put(file, kNames, std::array{'\0', 'm', 'i', 'n', 'e', '\0'});
    put(file, kTable, Elf64_Shdr{});
    put(file, kTable + sizeof(Elf64_Shdr), mine);
    put(file, kTable + 2 * sizeof(Elf64_Shdr), names);
    return file;
  }
};

std::string text_of_section(const std::vector<std::byte>& file,
                            std::string_view name) {
  const auto section = find_elf_section(file, name);
  if (!section) return "(none)";
  return {reinterpret_cast<const char*>(section->data()), section->size()};
}

}  // namespace

TEST_CASE("a section is found by its name", "[elf]") {
  CHECK(text_of_section(SmallLibrary().bytes(), "mine") == "hello");
}

TEST_CASE("a library without the section has none", "[elf]") {
  CHECK(text_of_section(SmallLibrary().bytes(), "min") == "(none)");
  CHECK(text_of_section(SmallLibrary().bytes(), "yours") == "(none)");
}

TEST_CASE("a library stripped of its section table has no sections", "[elf]") {
  SmallLibrary library;
  library.header.e_shoff = 0;
  CHECK(text_of_section(library.bytes(), "mine") == "(none)");
}

TEST_CASE("section counts too large for the header are read", "[elf]") {
  SmallLibrary library;
  library.header.e_shnum = 0;
  library.header.e_shstrndx = SHN_XINDEX;
  std::vector<std::byte> file = library.bytes();
  Elf64_Shdr first{};
  first.sh_size = 3;
  first.sh_link = 2;
  put(file, kTable, first);
  CHECK(text_of_section(file, "mine") == "hello");
}

TEST_CASE("text, executables and foreign machines are told apart", "[elf]") {
  const std::string text = "#!/bin/sh\n";
  CHECK_THROWS_WITH(find_elf_section(std::as_bytes(std::span(text)), "mine"),
                    Catch::Matchers::StartsWith("is not a shared library"));
  CHECK_THROWS_WITH(find_elf_section({}, "mine"),
                    Catch::Matchers::StartsWith("is not a shared library"));

  SmallLibrary program;
  program.header.e_type = ET_EXEC;
  CHECK_THROWS_WITH(find_elf_section(program.bytes(), "mine"),
                    Catch::Matchers::Contains("no shared library"));
  SmallLibrary foreign;
  foreign.header.e_machine = EM_S390;
  CHECK_THROWS_WITH(find_elf_section(foreign.bytes(), "mine"),
                    Catch::Matchers::Contains("another kind of machine"));
}

TEST_CASE("offsets that point outside the file are refused", "[elf]") {
  SmallLibrary far_table;
  far_table.header.e_shoff = UINT64_MAX - 8;
  CHECK_THROWS_AS(find_elf_section(far_table.bytes(), "mine"), BadElf);

  SmallLibrary far_section;
  far_section.mine.sh_offset = UINT64_MAX - 2;
  CHECK_THROWS_AS(find_elf_section(far_section.bytes(), "mine"), BadElf);

  SmallLibrary long_section;
  long_section.mine.sh_size = UINT64_MAX;
  CHECK_THROWS_AS(find_elf_section(long_section.bytes(), "mine"), BadElf);

  SmallLibrary long_names;
  long_names.names.sh_size = 1 << 20;
  CHECK_THROWS_AS(find_elf_section(long_names.bytes(), "mine"), BadElf);

  SmallLibrary odd_table;
  odd_table.header.e_shentsize = 1;
  CHECK_THROWS_AS(find_elf_section(odd_table.bytes(), "mine"), BadElf);
}

TEST_CASE("a name outside the table of names is no name", "[elf]") {
  SmallLibrary library;
  for (const std::uint32_t outside : {6u, 100u, UINT32_MAX}) {
    library.mine.sh_name = outside;
    CHECK(text_of_section(library.bytes(), "mine") == "(none)");
  }
}

TEST_CASE("a library cut at any byte is refused, never read past", "[elf]") {
  const std::vector<std::byte> whole = SmallLibrary().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that a sanitizer sees the first byte too many.
    const std::vector<std::byte> cut(whole.begin(),
                                     whole.begin() + std::ptrdiff_t(size));
    CHECK_THROWS_AS(find_elf_section(cut, "mine"), BadElf);
  }
}

TEST_CASE("a library with any one byte wrong is read or refused", "[elf]") {
  const std::vector<std::byte> whole = SmallLibrary().bytes();
  int refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::vector<std::byte> damaged = whole;
    damaged[i] = std::byte{0xff};
    try {
      find_elf_section(damaged, "mine");
    } catch (const BadElf&) {
      ++refused;
    }
  }
  CHECK(refused > 0);
}
