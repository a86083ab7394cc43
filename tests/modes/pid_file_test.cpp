#include "modes/process/pid_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "modes/base/child_process.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
using Catch::Matchers::EndsWith;
namespace fs = std::filesystem;

namespace {

std::string content(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void put(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
}

const std::string kOurs = std::to_string(::getpid()) + "\n";

/// A pid that no process has.
std::string pid_of_the_dead() {
  ChildProcess child({.argv = {"/bin/true"}});
  child.wait_for(seconds{20});
  return std::to_string(child.pid()) + "\n";
}

}  // namespace

TEST_CASE("a pid file is there while it is held", "[pid_file]") {
  const TemporaryFolder folder;
  {
    const OwnedFile file = claim_pid_file(folder.file("pid"));
    CHECK(content(folder.file("pid")) == kOurs);
  }
  CHECK_FALSE(fs::exists(folder.file("pid")));
  CHECK_FALSE(claim_pid_file("").wanted());
}

TEST_CASE("the file of a dead process, an empty one and our own are replaced",
          "[pid_file]") {
  const TemporaryFolder folder;
  for (const std::string& left : {pid_of_the_dead(), std::string{}, kOurs}) {
    put(folder.file("pid"), left);
    const OwnedFile file = claim_pid_file(folder.file("pid"));
    CHECK(content(folder.file("pid")) == kOurs);
  }
}

TEST_CASE("the file of another living process is refused", "[pid_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pid");
  const ChildProcess child({.argv = {"/bin/sleep", "60"}});
  const std::string theirs = std::to_string(child.pid()) + "\n";
  put(path, theirs);
  CHECK_THROWS_WITH(claim_pid_file(path),
                    "--pid-file " + path + ": process " +
                        std::to_string(child.pid()) +
                        " runs with that pid file: stop it, or choose another "
                        "path");
  CHECK(content(path) == theirs);
}

TEST_CASE("a living process younger than the file did not write it",
          "[pid_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pid");
  const ChildProcess child({.argv = {"/bin/sleep", "60"}});
  put(path, std::to_string(child.pid()));
  fs::last_write_time(path,
                      fs::file_time_type::clock::now() - std::chrono::hours{1});
  const OwnedFile file = claim_pid_file(path);
  CHECK(content(path) == kOurs);
}

TEST_CASE("a file that holds no pid is left alone", "[pid_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("text");
  for (const std::string text : {"root:x:0:0\n", "12 13\n", "0\n", "-5\n"}) {
    put(path, text);
    CHECK_THROWS_WITH(
        claim_pid_file(path),
        EndsWith("the file holds no pid and is left alone: choose "
                 "another path, or remove it"));
    CHECK(content(path) == text);
  }
  CHECK_THROWS_AS(claim_pid_file("/none/pid"), std::runtime_error);
}
