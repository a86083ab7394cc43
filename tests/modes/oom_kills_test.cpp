#include "modes/supervisor/oom_kills.hpp"

#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("the kills of a cgroup of version 2 are read", "[oom_kills]") {
  const TemporaryFolder folder;
  write(folder.file("app/memory.events"),
        "low 0\nhigh 4\nmax 9\noom 3\noom_kill 2\n");
  CHECK(oom_kills("0::/app\n", folder.file("")) == 2u);
}

TEST_CASE("the kills of a cgroup of version 1 are read", "[oom_kills]") {
  const TemporaryFolder folder;
  write(folder.file("memory/app/memory.oom_control"),
        "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n");
  CHECK(oom_kills("5:cpu:/app\n4:memory:/app\n0::/\n", folder.file("")) == 5u);
}

TEST_CASE("without a memory cgroup nobody knows", "[oom_kills]") {
  const TemporaryFolder folder;
  CHECK_FALSE(oom_kills("0::/app\n", folder.file("")));
  CHECK_FALSE(oom_kills("", folder.file("")));
  CHECK_FALSE(oom_kills("nonsense", folder.file("")));
  write(folder.file("app/memory.events"), "oom many\n");
  CHECK_FALSE(oom_kills("0::/app\n", folder.file("")));
}
