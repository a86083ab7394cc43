#include "modes/app/neighbours.hpp"

#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
namespace fs = std::filesystem;

namespace {

/// "name at path" of those that are found, the folder left out.
std::vector<std::string> found(const TemporaryFolder& folder,
                               const DynamicNames& names) {
  std::vector<std::string> texts;
  const fs::path origin = folder.file("app");
  for (const Neighbour& neighbour : find_neighbours(names, origin))
    texts.push_back(
        neighbour.name + " at " +
        neighbour.path.lexically_relative(folder.file("")).string());
  return texts;
}

void touch(const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream{path} << "x";
}

}  // namespace

TEST_CASE("neighbours are looked for in the folders named from $ORIGIN",
          "[neighbours]") {
  const TemporaryFolder folder;
  touch(folder.file("app/a.so"));
  touch(folder.file("app/lib/b.so"));
  touch(folder.file("app/lib/a.so"));
  const DynamicNames names{.soname = "",
                           .needed = {"b.so", "none.so", "a.so"},
                           .run_path = {"$ORIGIN", "${ORIGIN}/lib"}};
  CHECK(found(folder, names) ==
        std::vector<std::string>{"b.so at app/lib/b.so", "a.so at app/a.so"});
}

TEST_CASE("what the dynamic linker finds by itself is no neighbour",
          "[neighbours]") {
  const TemporaryFolder folder;
  touch(folder.file("app/a.so"));
  fs::create_directories(folder.file("app/folder.so"));
  const auto with = [](const std::string& needed, const std::string& entry) {
    return DynamicNames{.soname = "", .needed = {needed}, .run_path = {entry}};
  };
  CHECK(found(folder, with("a.so", folder.file("app"))).empty());
  CHECK(found(folder, with("a.so", "$ORIGINAL")).empty());
  CHECK(found(folder, with("./a.so", "$ORIGIN")).empty());
  CHECK(found(folder, with("folder.so", "$ORIGIN")).empty());
}
