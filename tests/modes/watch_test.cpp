#include "modes/supervisor/watch.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace launch;
using namespace std::chrono_literals;

namespace {

std::optional<Finding> judged(WatchRules rules, const Observation& seen) {
  rules.jitter = 0;
  std::minstd_rand random(1);
  return Watch(rules, random).judge(seen);
}

}  // namespace

TEST_CASE("a worker whose engine is silent for the time-out hangs", "[watch]") {
  const WatchRules rules{.hang_timeout = 10s};
  CHECK_FALSE(judged(rules, {.silent = 9999ms}));
  const auto found = judged(rules, {.silent = 10s});
  REQUIRE(found);
  CHECK(found->cause == RestartCause::hang);
  CHECK(found->reason == "it has done nothing for 10.0 s");
}

TEST_CASE("a hang names the request, and the cure where there is one",
          "[watch]") {
  const WatchRules rules{.hang_timeout = 2s};
  Observation seen{.silent = 2345ms, .request = "GET /orders/7"};
  CHECK(judged(rules, seen)->reason ==
        "it has done nothing for 2.3 s, while it works on \"GET /orders/7\" "
        "(with --threads a handler that takes long keeps nobody else waiting)");
  seen.one_thread = false;
  CHECK(judged(rules, seen)->reason ==
        "it has done nothing for 2.3 s, while it works on \"GET /orders/7\"");
}

TEST_CASE("a worker is worn by requests, by time or by memory", "[watch]") {
  const WatchRules rules{
      .max_requests = 1000, .max_lifetime = 1h, .max_memory = 100u << 20};
  CHECK_FALSE(
      judged(rules, {.requests = 999, .served = 3599s, .memory = 100u << 20}));
  CHECK(judged(rules, {.requests = 1000})->cause == RestartCause::max_requests);
  CHECK(judged(rules, {.served = 1h})->cause == RestartCause::max_lifetime);
  const auto fat = judged(rules, {.memory = (100u << 20) + 1});
  REQUIRE(fat);
  CHECK(fat->cause == RestartCause::max_memory);
  CHECK(fat->reason == "it uses 100 MiB of memory (PSS)");
}

TEST_CASE("without rules nothing is wrong", "[watch]") {
  WatchRules none;
  none.hang_timeout = 0s;
  CHECK_FALSE(none.any());
  CHECK_FALSE(judged(none, {.silent = 24h,
                            .requests = 1u << 30,
                            .served = 9999h,
                            .memory = 1u << 30}));
  CHECK(WatchRules{}.any());
}

TEST_CASE("each worker draws its own limit, up to a tenth smaller", "[watch]") {
  std::minstd_rand random(1);
  std::set<std::uint64_t> limits;
  for (int worker = 0; worker < 100; ++worker) {
    const Watch watch({.max_requests = 1000}, random);
    std::uint64_t requests = 1;
    while (!watch.judge({.requests = requests})) ++requests;
    CHECK(requests >= 900);
    CHECK(requests <= 1000);
    limits.insert(requests);
  }
  CHECK(limits.size() > 20);
}
