#include "modes/base/process_stats.hpp"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "modes/base/child_process.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr milliseconds kLong{20'000};

/// A folder that is removed again.
struct TemporaryFolder {
  fs::path path;

  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "launch-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryFolder() { fs::remove_all(path); }

  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((path / file).parent_path());
    std::ofstream(path / file) << text;
  }
};

/// Burns CPU time until the clock of this process has moved by `amount`.
void burn(nanoseconds amount) {
  const nanoseconds start = cpu_time(::getpid()).value();
  while (cpu_time(::getpid()).value() - start < amount) {
  }
}

}  // namespace

TEST_CASE("a process's CPU time moves with its work", "[process_stats]") {
  const nanoseconds before = cpu_time(::getpid()).value();
  burn(5ms);
  CHECK(cpu_time(::getpid()).value() - before >= 5ms);
}

TEST_CASE("an ended process has no figures", "[process_stats]") {
  ChildProcess child({.argv = {"/bin/true"}});
  REQUIRE(child.wait_for(kLong).has_value());
  CHECK_FALSE(cpu_time(child.pid()).has_value());
  CHECK_FALSE(pss_bytes(child.pid()).has_value());
  CHECK(process_tree(child.pid()).empty());
  CHECK(reaped_children_cpu_time(child.pid()) == 0ns);
}

TEST_CASE("memory is at least one page and at most the address space",
          "[process_stats]") {
  const auto pss = pss_bytes(::getpid());
  REQUIRE(pss.has_value());
  CHECK(*pss > 4096);
  CHECK(*pss < 1ULL << 40);
}

TEST_CASE("a tree holds parents before children", "[process_stats]") {
  ChildProcess child({.argv = {"/bin/sh", "-c", "sleep 60 & sleep 60 & wait"},
                      .own_process_group = true});
  std::vector<pid_t> tree;
  const auto deadline = Clock::now() + kLong;
  while (tree.size() < 3 && Clock::now() < deadline)
    tree = process_tree(child.pid());
  REQUIRE(tree.size() == 3);
  CHECK(tree[0] == child.pid());
  const std::vector<pid_t> ours = process_tree(::getpid());
  CHECK(ours.front() == ::getpid());
  CHECK(ours.size() == 4);
  ::kill(-child.pid(), SIGKILL);
}

TEST_CASE("the CPU time of reaped children is kept", "[process_stats]") {
  const nanoseconds before = reaped_children_cpu_time(::getpid());
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    burn(60ms);
    ::_exit(0);
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  // In ticks of 10 ms, one of which may be missing.
  CHECK(reaped_children_cpu_time(::getpid()) - before >= 40ms);
}

TEST_CASE("a process is as old as it has lived", "[process_stats]") {
  CHECK_FALSE(process_age(0).has_value());
  ChildProcess child({.argv = {"/bin/sleep", "60"}});
  const auto young = process_age(child.pid());
  REQUIRE(young.has_value());
  CHECK(*young < kLong);
  CHECK(process_age(::getpid()).value() >= *young);
}

TEST_CASE("the affinity mask bounds the usable cores", "[process_stats]") {
  cpu_set_t all;
  REQUIRE(::sched_getaffinity(0, sizeof(all), &all) == 0);
  CHECK(usable_cores() >= 1);
  CHECK(usable_cores() <= CPU_COUNT(&all));
  cpu_set_t one;
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  REQUIRE(::sched_setaffinity(0, sizeof(one), &one) == 0);
  CHECK(usable_cores() == 1);
  REQUIRE(::sched_setaffinity(0, sizeof(all), &all) == 0);
}

TEST_CASE("a stat line is read past a name with spaces and parentheses",
          "[process_stats]") {
  const auto stat = parse_stat(
      "42 (a) b (c) S 7 42 42 0 -1 4194560 100 2000 0 0 11 12 130 4 20 0 1 0 "
      "900");
  REQUIRE(stat.has_value());
  CHECK(stat->parent == 7);
  CHECK(stat->reaped_ticks == 134);
  CHECK(stat->start_ticks == 900);
  CHECK_FALSE(parse_stat("").has_value());
  CHECK_FALSE(parse_stat("42 (cut off) S 7 42").has_value());
  CHECK_FALSE(
      parse_stat("42 (x) S y 42 42 0 -1 0 0 0 0 0 0 0 1 1 20").has_value());
}

TEST_CASE("Pss is read in bytes", "[process_stats]") {
  CHECK(parse_pss("55e0-7ffd ---p 00000000 00:00 0 [rollup]\n"
                  "Rss:                1804 kB\n"
                  "Pss:                 323 kB\n"
                  "Pss_Dirty:           100 kB\n") == 323U * 1024U);
  CHECK_FALSE(parse_pss("Rss: 1804 kB\n").has_value());
  CHECK_FALSE(parse_pss("Pss: many kB\n").has_value());
  CHECK_FALSE(parse_pss("Pss: 12").has_value());
}

TEST_CASE("the quota of cgroup v2 is read", "[process_stats]") {
  const TemporaryFolder folder;
  CHECK_FALSE(cpu_quota("0::/\n", folder.path).has_value());
  folder.write("cpu.max", "150000 100000\n");
  CHECK(cpu_quota("0::/\n", folder.path) == 1.5);
  folder.write("cpu.max", "max 100000\n");
  CHECK_FALSE(cpu_quota("0::/\n", folder.path).has_value());
}

TEST_CASE("the smallest quota of all ancestors counts", "[process_stats]") {
  const TemporaryFolder folder;
  folder.write("a/cpu.max", "50000 100000\n");
  folder.write("a/b/cpu.max", "300000 100000\n");
  CHECK(cpu_quota("0::/a/b\n", folder.path) == 0.5);
  CHECK(cpu_quota("0::/elsewhere\n", folder.path) == std::nullopt);
}

TEST_CASE("the quota of cgroup v1 is read", "[process_stats]") {
  const TemporaryFolder folder;
  const std::string membership = "4:cpu,cpuacct:/docker/x\n3:cpuset:/\n";
  folder.write("cpu,cpuacct/cpu.cfs_quota_us", "200000\n");
  folder.write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  CHECK(cpu_quota(membership, folder.path) == 2.0);
  folder.write("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  CHECK_FALSE(cpu_quota(membership, folder.path).has_value());
  CHECK_FALSE(cpu_quota("garbage\n\n7:\n", folder.path).has_value());
}
