#include "modes/process/worker_count.hpp"

#include "modes/base/process_stats.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using Catch::Matchers::StartsWith;

namespace {

constexpr std::uint64_t kMiB = 1u << 20;
constexpr Mode kPrefork = find_mode("prefork").value();

}  // namespace

TEST_CASE("there is a worker for each CPU", "[worker_count]") {
  const WorkerCount four = auto_workers({.cpus = 4});
  CHECK(four.workers == 4);
  CHECK(four.reason ==
        "4 workers: 4 CPUs of the affinity mask; no cgroup quota, no memory "
        "limit");
  CHECK(auto_workers({.cpus = 1}).reason.starts_with("1 worker: 1 CPU of"));
}

TEST_CASE("limits that allow more are told and change nothing",
          "[worker_count]") {
  const WorkerCount count =
      auto_workers({.cpus = 4, .cpu_quota = 8, .memory = 2000 * kMiB});
  CHECK(count.workers == 4);
  CHECK(count.reason ==
        "4 workers: 4 CPUs of the affinity mask; cgroup quota 8.0, memory "
        "allows 31 (64 MiB each of 2000 MiB)");
}

TEST_CASE("a smaller quota decides, rounded up", "[worker_count]") {
  const WorkerCount count = auto_workers({.cpus = 8, .cpu_quota = 2.5});
  CHECK(count.workers == 3);
  CHECK(count.reason ==
        "3 workers: cgroup quota 2.5; 8 CPUs of the affinity mask, no memory "
        "limit");
  CHECK(auto_workers({.cpus = 8, .cpu_quota = 0.1}).workers == 1);
}

TEST_CASE("little memory decides, and leaves one worker", "[worker_count]") {
  const WorkerCount count = auto_workers({.cpus = 8, .memory = 200 * kMiB});
  CHECK(count.workers == 3);
  CHECK(count.reason ==
        "3 workers: memory allows 3 (64 MiB each of 200 MiB); 8 CPUs of the "
        "affinity mask, no cgroup quota");
  CHECK(auto_workers({.cpus = 8, .memory = 16 * kMiB}).workers == 1);
}

TEST_CASE("a layout that probably nobody wants is warned of",
          "[worker_count]") {
  const MachineFigures machine{.cpus = 4, .cpu_quota = 2.0};
  const auto one = shape_warnings(kPrefork, {1, 1}, machine);
  REQUIRE(one.size() == 1);
  CHECK_THAT(one[0], StartsWith("prefork with one worker of one thread serves "
                                "no more than --mode single: use that"));
  const auto many = shape_warnings(kPrefork, {3, 1}, machine);
  REQUIRE(many.size() == 1);
  CHECK_THAT(many[0], StartsWith("3 workers share 2 CPUs: "));
  CHECK(shape_warnings(kPrefork, {2, 1}, machine).empty());
  CHECK(shape_warnings(kPrefork, {1, 8}, machine).empty());
  CHECK(shape_warnings(kModes[0], {1, 1}, machine).empty());
}

TEST_CASE("this machine has as many cores as may be used", "[worker_count]") {
  CHECK(machine_figures().cores() == usable_cores());
}
