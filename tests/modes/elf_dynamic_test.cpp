#include "modes/app/elf_dynamic.hpp"

#include <fstream>
#include <iterator>

#include "modes/app/elf_section.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;

namespace {

std::vector<std::byte> read_app(const std::string& name) {
  std::ifstream file(test_app(name).path, std::ios::binary);
  std::vector<std::byte> bytes;
  for (std::istreambuf_iterator<char> at{file}, end; at != end; ++at)
    bytes.push_back(static_cast<std::byte>(*at));
  return bytes;
}

bool needs(const DynamicNames& names, const std::string& library) {
  return std::find(names.needed.begin(), names.needed.end(), library) !=
         names.needed.end();
}

}  // namespace

TEST_CASE("a library tells what it needs and where to look", "[elf]") {
  const DynamicNames names = read_dynamic_names(read_app("needs_neighbour"));
  CHECK(needs(names, "libneighbour.so"));
  CHECK(needs(names, "libc.so.6"));
  CHECK_FALSE(needs(names, "libabsent.so"));
  CHECK(names.run_path == std::vector<std::string>{"$ORIGIN"});
}

TEST_CASE("a library tells its soname, or none", "[elf]") {
  CHECK(read_dynamic_names(read_app("libneighbour")).soname ==
        "libneighbour.so");
  CHECK(read_dynamic_names(read_app("libnameless")).soname.empty());
}

TEST_CASE("a damaged library is refused or has other names", "[elf]") {
  const std::vector<std::byte> whole = read_app("libneighbour");
  CHECK_THROWS_AS(read_dynamic_names({}), BadElf);
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    const std::vector<std::byte> cut(whole.begin(),
                                     whole.begin() + std::ptrdiff_t(size));
    CHECK_THROWS_AS(read_dynamic_names(cut), BadElf);
  }
}
