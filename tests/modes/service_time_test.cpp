#include "modes/engine/service_time.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("events that take long one after another are slow", "[dispatcher]") {
  ServiceTime time;
  CHECK_FALSE(time.slow());
  time.add(microseconds{16 * 47}, 16);
  CHECK_FALSE(time.slow());
  time.add(microseconds{16 * 49}, 16);
  CHECK(time.slow());
  time.add(microseconds{64 * 3}, 64);
  CHECK_FALSE(time.slow());
}

TEST_CASE("one event that is kept up does not make a slow handler",
          "[dispatcher]") {
  ServiceTime time;
  // It counts as 128 us, a sixteenth of which is 8; then 7.5 + 8 = 15.5 and so
  // on: 15.5 * 15/16 + 8 = 22.5, 29.1, 35.3, 41.1, 46.5, 51.6.
  for (int i = 0; i < 7; ++i) {
    time.add(seconds{1}, 1);
    CHECK_FALSE(time.slow());
  }
  time.add(seconds{1}, 1);
  CHECK(time.slow());
}

TEST_CASE("a thread that waits in a handler is slow at once", "[dispatcher]") {
  ServiceTime time;
  time.stuck();
  CHECK(time.slow());
  // 128 falls by a sixteenth with each event that takes no time: below 48
  // after 16 of them (128 * (15/16)^15 = 48.6, ^16 = 45.6).
  for (int i = 0; i < 15; ++i) time.add(nanoseconds{0}, 1);
  CHECK(time.slow());
  time.add(nanoseconds{0}, 1);
  CHECK_FALSE(time.slow());
  time.add(seconds{1}, 0);
  CHECK_FALSE(time.slow());
}
