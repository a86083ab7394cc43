#include "bench/during/timeline.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kStart{1000s};

/// A run of a second in each phase.
struct Story {
  Timeline timeline;

  Story() { timeline.begin(Phase::before, kStart); }
  void to_during() { timeline.begin(Phase::during, kStart + 1s); }
  void to_after() { timeline.begin(Phase::after, kStart + 2s); }
  void end() { timeline.end(kStart + 3s); }
  void answer(Clock::duration at, int status = 200) {
    timeline.on_answer(kStart + at, status, 5ms);
  }
  void failure(Clock::duration at, ErrorKind kind) {
    timeline.on_failure(kStart + at, kind);
  }
};

TEST_CASE("outcomes belong to the phase in which they happen", "[timeline]") {
  Story story;
  story.answer(100ms);
  story.to_during();
  story.answer(1100ms);
  story.answer(1200ms, 503);
  story.failure(1300ms, ErrorKind::refused);
  story.failure(1400ms, ErrorKind::unsent);
  story.to_after();
  story.answer(2100ms);
  story.answer(2200ms);
  story.end();
  const auto [before, during, after] = story.timeline.records();
  CHECK(before.answered == 1);
  CHECK(before.lost.total() == 0);
  CHECK(before.duration_s == 1);
  CHECK(during.answered == 1);
  CHECK(during.lost.bad_answer == 1);
  CHECK(during.lost.refused == 1);
  CHECK(during.lost.total() == 2);
  CHECK(during.unsent == 1);
  CHECK(during.duration_s == 1);
  CHECK(after.answered == 2);
  CHECK(after.response_time_us.count() == 2);
  CHECK(after.response_time_us.max() == 5000);
}

TEST_CASE("what happens while the load warms up is not counted", "[timeline]") {
  Timeline timeline;
  timeline.on_answer(kStart, 200, 1ms);
  timeline.on_failure(kStart, ErrorKind::closed);
  timeline.begin(Phase::before, kStart + 1s);
  timeline.end(kStart + 2s);
  const PhaseRecord before = timeline.records()[0];
  CHECK(before.answered == 0);
  CHECK(before.lost.total() == 0);
}

TEST_CASE("a gap lies between two good answers", "[timeline]") {
  Story story;
  story.to_during();
  story.answer(1100ms);
  story.answer(1150ms);
  story.answer(1200ms, 500);
  story.answer(1450ms);
  story.answer(1500ms);
  story.to_after();
  story.answer(2000ms);
  story.end();
  const auto [before, during, after] = story.timeline.records();
  CHECK(before.longest_gap == 1000ms);
  CHECK(during.longest_gap == 1100ms);  // since the very beginning
  CHECK(after.longest_gap == 1000ms);   // to the end, without an answer
}

TEST_CASE("a gap belongs to the phase in which an answer ends it",
          "[timeline]") {
  Story story;
  story.answer(900ms);
  story.to_during();
  story.answer(1300ms);
  story.answer(1990ms);
  story.to_after();
  story.answer(2000ms);
  story.answer(2990ms);
  story.end();
  const auto [before, during, after] = story.timeline.records();
  CHECK(before.longest_gap == 900ms);
  CHECK(during.longest_gap == 690ms);
  CHECK(after.longest_gap == 990ms);
}

TEST_CASE("silence over several phases is as long as it was", "[timeline]") {
  Story story;
  story.answer(500ms);
  story.to_during();
  story.to_after();
  story.end();
  const auto [before, during, after] = story.timeline.records();
  CHECK(before.longest_gap == 500ms);
  CHECK(during.longest_gap == 1500ms);
  CHECK(after.longest_gap == 2500ms);
}

TEST_CASE("late answers and losses count, late silence does not",
          "[timeline]") {
  Story story;
  story.to_during();
  story.to_after();
  story.answer(2900ms);
  story.end();
  story.answer(9000ms);
  story.failure(12s, ErrorKind::timeout);
  const PhaseRecord after = story.timeline.records()[2];
  CHECK(after.answered == 2);
  CHECK(after.lost.timeout == 1);
  CHECK(after.longest_gap == 2900ms);
}

TEST_CASE("after a cut nothing counts", "[timeline]") {
  Story story;
  story.to_during();
  story.answer(1100ms);
  story.timeline.cut(kStart + 1200ms);
  story.failure(1300ms, ErrorKind::closed);
  story.answer(1400ms);
  const auto [before, during, after] = story.timeline.records();
  CHECK(during.answered == 1);
  CHECK(during.lost.total() == 0);
  CHECK(during.duration_s == Approx(0.2));
  CHECK(after.answered == 0);
  CHECK(after.lost.total() == 0);
  CHECK(after.duration_s == 0);
}

}  // namespace
}  // namespace launch::bench
