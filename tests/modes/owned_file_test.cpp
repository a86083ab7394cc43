#include "modes/process/owned_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
namespace fs = std::filesystem;

namespace {

std::string content(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::size_t entries(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder.file("")), {}));
}

}  // namespace

TEST_CASE("an owned file is written as a whole and goes with its owner",
          "[owned_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("x");
  {
    OwnedFile file{path};
    CHECK_FALSE(fs::exists(path));
    file.write("one\n");
    CHECK(content(path) == "one\n");
    file.write("two\n");
    CHECK(content(path) == "two\n");
    const OwnedFile moved{std::move(file)};
    CHECK(entries(folder) == 1);
  }
  CHECK(entries(folder) == 0);
}

TEST_CASE("a file that somebody else put there stays", "[owned_file]") {
  const TemporaryFolder folder;
  OwnedFile first{folder.file("x")};
  first.write("first");
  OwnedFile second{folder.file("x")};
  second.write("second");
  first.remove();
  CHECK(content(folder.file("x")) == "second");
}

TEST_CASE("nothing is removed that was never written", "[owned_file]") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("x")) << "mine";
  { const OwnedFile file{folder.file("x")}; }
  CHECK(content(folder.file("x")) == "mine");
  OwnedFile{folder.file("x")}.clear();
  OwnedFile{folder.file("x")}.clear();
  CHECK_FALSE(fs::exists(folder.file("x")));
}

TEST_CASE("a forked process leaves the file to its parent", "[owned_file]") {
  const TemporaryFolder folder;
  OwnedFile file{folder.file("x")};
  file.write("parent's");
  CHECK(run_in_child([&] { file.remove(); }).exit_code == 0);
  CHECK(content(folder.file("x")) == "parent's");
}

TEST_CASE("a file that cannot be written is an error that names it",
          "[owned_file]") {
  CHECK_THROWS_WITH(OwnedFile{"/none/x"}.write("x"),
                    "/none/x cannot be written: No such file or directory");
  const TemporaryFolder folder;
  fs::create_directories(folder.file("x/y"));
  CHECK_THROWS_AS(OwnedFile{folder.file("x")}.write("x"), std::system_error);
  CHECK(entries(folder) == 1);
  CHECK_THROWS_AS(OwnedFile{folder.file("x")}.clear(), std::system_error);
}
