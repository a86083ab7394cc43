#include "modes/base/cgroup.hpp"

#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMiB = 1u << 20;

/// A hand-made tree of cgroups.
struct Tree {
  TemporaryFolder folder;

  void write(const std::string& file, const std::string& text) const {
    const fs::path path = folder.file(file);
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text << '\n';
  }
  std::optional<std::uint64_t> limit(const std::string& membership) const {
    return memory_limit(membership, folder.file(""));
  }
};

}  // namespace

TEST_CASE("the folders of a cgroup are named from the outside in", "[cgroup]") {
  CHECK(cgroup_folders("0::/a/b\n", "/m", "cpu") ==
        std::vector<fs::path>{"/m", "/m/a", "/m/a/b", "/m/unified",
                              "/m/unified/a", "/m/unified/a/b"});
  CHECK(cgroup_folders("4:cpu,cpuacct:/x\n3:cpuset:/y\n", "/m", "cpu") ==
        std::vector<fs::path>{"/m/cpu", "/m/cpu/x", "/m/cpu,cpuacct",
                              "/m/cpu,cpuacct/x"});
  CHECK(cgroup_folders("garbage\n\n7:\n", "/m", "cpu").empty());
}

TEST_CASE("the memory limit of cgroup v2 is the lower of max and high",
          "[cgroup]") {
  const Tree tree;
  CHECK_FALSE(tree.limit("0::/\n").has_value());
  tree.write("memory.max", std::to_string(512 * kMiB));
  CHECK(tree.limit("0::/\n") == 512 * kMiB);
  tree.write("memory.high", std::to_string(384 * kMiB));
  CHECK(tree.limit("0::/\n") == 384 * kMiB);
  tree.write("memory.max", "max");
  tree.write("memory.high", "max");
  CHECK_FALSE(tree.limit("0::/\n").has_value());
}

TEST_CASE("the smallest memory limit of all ancestors counts", "[cgroup]") {
  const Tree tree;
  tree.write("a/memory.max", std::to_string(256 * kMiB));
  tree.write("a/b/memory.max", std::to_string(1024 * kMiB));
  CHECK(tree.limit("0::/a/b\n") == 256 * kMiB);
  CHECK_FALSE(tree.limit("0::/elsewhere\n").has_value());
}

TEST_CASE("the memory limit of cgroup v1 is read", "[cgroup]") {
  const Tree tree;
  const std::string membership = "5:memory:/docker/x\n4:cpu,cpuacct:/\n0::/\n";
  tree.write("memory/memory.limit_in_bytes", "9223372036854771712");
  CHECK_FALSE(tree.limit(membership).has_value());
  tree.write("memory/docker/x/memory.limit_in_bytes",
             std::to_string(128 * kMiB));
  CHECK(tree.limit(membership) == 128 * kMiB);
  tree.write("memory/docker/x/memory.limit_in_bytes", "some");
  CHECK_FALSE(tree.limit(membership).has_value());
}

TEST_CASE("the limit of this process can be asked for", "[cgroup]") {
  CHECK(own_memory_limit().value_or(kMiB) > 0);
}
