#include "bench/compare/host_time.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("the first line of /proc/stat adds up to all time", "[host_time]") {
  const auto time =
      parse_host_time("cpu  10 1 20 60 5 0 1 3 7 0\ncpu0 5 0 10 30 2 0 0 1\n");
  REQUIRE(time);
  CHECK(time->total == 100);  // without guest time, which user time holds
  CHECK(time->steal == 3);
  CHECK(time->busy == 31);
}

TEST_CASE("what is no such line is none", "[host_time]") {
  CHECK_FALSE(parse_host_time(""));
  CHECK_FALSE(parse_host_time("intr 1 2 3"));
  CHECK_FALSE(parse_host_time("cpu 1 2 3"));
}

TEST_CASE("steal is relative to the time between two readings", "[host_time]") {
  CHECK(steal_share({1000, 10, 0}, {1200, 20, 0}) == Approx(0.05));
  CHECK(steal_share({1000, 10, 0}, {1000, 10, 0}) == 0);
  CHECK(steal_share({1200, 20, 0}, {1000, 10, 0}) == 0);
}

TEST_CASE("what others used is all that was used, less our own",
          "[host_time]") {
  // Two cores for a second, a tick being 10 ms: 120 of 200 were busy.
  const HostTime begin{1000, 0, 500};
  const HostTime end{1200, 0, 620};
  CHECK(other_cpu_share(begin, end, 0.9) == Approx(0.15));
  CHECK(other_cpu_share(begin, end, 1.5) == 0);  // ticks are coarse
  CHECK(other_cpu_share(end, begin, 0) == 0);
  CHECK(other_cpu_share(begin, begin, 0) == 0);
}

TEST_CASE("this machine's time passes", "[host_time]") {
  CHECK(read_host_time().total > 0);
}

}  // namespace
}  // namespace launch::bench
