#include "modes/supervisor/backoff.hpp"

#include "tests/support/catch.hpp"

using namespace launch;
using namespace std::chrono_literals;

namespace {

constexpr Clock::time_point kNow{1h};

Backoff::Rules no_jitter() { return {.jitter = 0}; }

/// A death of a worker that did not serve for long.
milliseconds delay_after_death(Backoff& backoff, int id,
                               Clock::time_point now = kNow) {
  backoff.died(id, false, false);
  return backoff.delay(id, now);
}

}  // namespace

TEST_CASE("when all workers die, each is tried once, then one by one",
          "[backoff]") {
  Backoff backoff(3, no_jitter(), 1);
  for (int id = 1; id <= 3; ++id) CHECK(delay_after_death(backoff, id) == 0s);
  CHECK(delay_after_death(backoff, 1) == 1s);
  CHECK(delay_after_death(backoff, 2) == 3s);  // 2 s after worker 1
  CHECK(delay_after_death(backoff, 3) == 7s);  // and 4 s after worker 2
  CHECK_FALSE(backoff.may_start(1, kNow + 999ms));
  CHECK(backoff.may_start(1, kNow + 1s));
  CHECK_FALSE(backoff.may_start(3, kNow + 6999ms));
  CHECK(backoff.next_start(kNow) == kNow + 1s);
  CHECK(backoff.next_start(kNow + 1s) == kNow + 3s);
  CHECK(backoff.next_start(kNow + 7s) == Clock::time_point::max());
}

TEST_CASE("two deaths of each worker and three are a crash loop", "[backoff]") {
  Backoff backoff(2, no_jitter(), 1);
  for (int death = 1; death <= 6; ++death) backoff.died(1, false, false);
  CHECK_FALSE(backoff.is_crash_loop());
  backoff.died(2, false, false);
  CHECK(backoff.is_crash_loop());
  CHECK(backoff.deaths() == 7);
  backoff.died(2, false, true);
  CHECK(backoff.deaths() == 1);
}

TEST_CASE("a worker's own deaths count while another one is healthy",
          "[backoff]") {
  Backoff backoff(2, no_jitter(), 1);
  auto now = kNow;
  for (const auto delay : {0s, 1s, 2s, 4s, 8s, 15s, 15s}) {
    backoff.died(1, false, true);
    CHECK(backoff.delay(1, now) == delay);
    now += delay;
  }
  CHECK(backoff.deaths() == 1);
}

TEST_CASE("who was healthy, or is forgotten, starts at once again",
          "[backoff]") {
  Backoff backoff(1, no_jitter(), 1);
  delay_after_death(backoff, 1);
  CHECK(delay_after_death(backoff, 1) == 1s);
  backoff.forget(1);
  CHECK(backoff.may_start(1, kNow));
  backoff.died(1, true, true);
  CHECK(backoff.delay(1, kNow) == 0s);
}

TEST_CASE("a delay is up to a quarter longer, and never shorter", "[backoff]") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    Backoff backoff(1, {}, seed);
    delay_after_death(backoff, 1);
    const milliseconds delay = delay_after_death(backoff, 1);
    CHECK(delay >= 1s);
    CHECK(delay <= 1250ms);
  }
}
