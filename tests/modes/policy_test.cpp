#include "modes/supervisor/policy.hpp"

#include <csignal>
#include <stdexcept>
#include <string>

#include <fmt/core.h>

#include "tests/support/catch.hpp"

using namespace launch;
using namespace std::chrono_literals;

namespace {

constexpr ExitStatus kCrash{0, SIGSEGV};
constexpr ExitStatus kClean{0, 0};
constexpr ExitStatus kAppFailed{3, 0};

std::string text(const Spawn& a) { return fmt::format("spawn:{}", a.id); }
std::string text(const Kill& a) {
  return fmt::format("{}:{}", a.signal == SIGTERM ? "term" : "kill", a.id);
}
std::string text(const Replace& a) {
  return fmt::format("replace:{}+{}", a.id, a.delay.count());
}
std::string text(const Announce&) { return "announce"; }
std::string text(const Finish& a) {
  switch (a.result.outcome) {
    case Outcome::stopped:
      return "finish:stopped";
    case Outcome::failed:
      return "finish:failed";
    case Outcome::app_failed:
      return "finish:app_failed";
    case Outcome::crash_loop:
      return "finish:crash_loop";
  }
  return "finish:?";
}

/// Plays a story on a hand-moved clock. Actions come back as one readable
/// line, so that a failure prints what happened.
struct Story {
  explicit Story(int workers) : policy(workers, RestartRules{}) {}

  SupervisorPolicy policy;
  Clock::time_point now{1h};

  std::string tell(const Event& event, milliseconds later = 0ms) {
    now += later;
    std::string told;
    for (const Action& action : policy.on(event, now)) {
      if (!told.empty()) told += ' ';
      told += std::visit([](const auto& a) { return text(a); }, action);
    }
    return told;
  }

  milliseconds until_deadline() const {
    return std::chrono::duration_cast<milliseconds>(policy.deadline() - now);
  }
};

Story two_ready_workers() {
  Story story(2);
  REQUIRE(story.tell(Tick{}) == "spawn:1 spawn:2");
  REQUIRE(story.tell(Ready{1}) == "");
  REQUIRE(story.tell(Ready{2}) == "announce");
  return story;
}

}  // namespace

TEST_CASE("a fleet starts all at once and is announced when all are ready",
          "[policy]") {
  Story story(3);
  CHECK(story.policy.deadline() <= story.now);
  CHECK(story.tell(Tick{}) == "spawn:1 spawn:2 spawn:3");
  CHECK(story.until_deadline() == 30s);
  CHECK(story.tell(Ready{2}) == "");
  CHECK(story.tell(Ready{1}) == "");
  CHECK(story.tell(Ready{3}) == "announce");
  CHECK(story.policy.deadline() == Clock::time_point::max());
}

TEST_CASE("a first death is replaced at once and announced no second time",
          "[policy]") {
  Story story = two_ready_workers();
  CHECK(story.tell(Exited{1, kCrash}, 1s) == "replace:1+0 spawn:1");
  CHECK(story.tell(Ready{1}, 1s) == "");
}

TEST_CASE("the clean end of a worker that nobody stopped is a death",
          "[policy]") {
  Story story = two_ready_workers();
  CHECK(story.tell(Exited{2, kClean}) == "replace:2+0 spawn:2");
}

TEST_CASE("back-off doubles from 100 ms to 5 s while a sibling is healthy",
          "[policy]") {
  Story story = two_ready_workers();
  CHECK(story.tell(Exited{1, kCrash}, 10s) == "replace:1+0 spawn:1");
  for (const int delay : {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000}) {
    CHECK(story.tell(Exited{1, kCrash}) ==
          "replace:1+" + std::to_string(delay));
    CHECK(story.until_deadline() == milliseconds{delay});
    CHECK(story.tell(Tick{}, milliseconds{delay - 1}) == "");
    CHECK(story.tell(Tick{}, 1ms) == "spawn:1");
  }
}

TEST_CASE("a worker that was healthy is replaced at once again", "[policy]") {
  Story story = two_ready_workers();
  story.tell(Exited{1, kCrash});
  story.tell(Ready{1});
  CHECK(story.tell(Exited{1, kCrash}, 9999ms) == "replace:1+100");
  CHECK(story.tell(Tick{}, 100ms) == "spawn:1");
  story.tell(Ready{1});
  CHECK(story.tell(Exited{1, kCrash}, 10s) == "replace:1+0 spawn:1");
}

TEST_CASE("each worker has a back-off of its own", "[policy]") {
  Story story = two_ready_workers();
  CHECK(story.tell(Exited{1, kCrash}) == "replace:1+0 spawn:1");
  CHECK(story.tell(Exited{1, kCrash}) == "replace:1+100");
  CHECK(story.tell(Exited{2, kCrash}) == "replace:2+0 spawn:2");
}

TEST_CASE("a worker that does not get ready is killed and counts as dead",
          "[policy]") {
  Story story(1);
  story.tell(Tick{});
  CHECK(story.tell(Tick{}, 29999ms) == "");
  CHECK(story.tell(Tick{}, 1ms) == "kill:1");
  CHECK(story.policy.deadline() == Clock::time_point::max());
  CHECK(story.tell(Exited{1, {0, SIGKILL}}) == "replace:1+0 spawn:1");
  CHECK(story.until_deadline() == 30s);
}

TEST_CASE("an app that cannot start ends the start at once", "[policy]") {
  Story story(3);
  story.tell(Tick{});
  CHECK(story.tell(Exited{2, kAppFailed}) == "term:1 term:3");
  CHECK(story.tell(Ready{3}) == "");  // too late
  CHECK(story.tell(Exited{1, kAppFailed}) == "");
  CHECK(story.tell(Exited{3, {0, SIGTERM}}) == "finish:app_failed");
}

TEST_CASE("an app that cannot start in the only worker ends without a wait",
          "[policy]") {
  Story story(1);
  story.tell(Tick{});
  const auto actions = story.policy.on(Exited{1, kAppFailed}, story.now);
  REQUIRE(actions.size() == 1);
  CHECK(std::get<Finish>(actions[0]).result.message ==
        "the application could not be started in worker 1; its reason stands "
        "above");
}

TEST_CASE("the reason that a worker told is the service's", "[policy]") {
  Story story(1);
  story.tell(Tick{});
  const auto actions =
      story.policy.on(Exited{1, kAppFailed, "no database"}, story.now);
  REQUIRE(actions.size() == 1);
  CHECK(std::get<Finish>(actions[0]).result.message == "no database");
}

TEST_CASE("an app that failed after any worker was ready is only a death",
          "[policy]") {
  Story story(2);
  story.tell(Tick{});
  story.tell(Ready{1});
  CHECK(story.tell(Exited{2, kAppFailed}) == "replace:2+0 spawn:2");
}

TEST_CASE("another failure before the first ready is tried again", "[policy]") {
  Story story(1);
  story.tell(Tick{});
  CHECK(story.tell(Exited{1, {1, 0}}) == "replace:1+0 spawn:1");
  CHECK(story.tell(Ready{1}) == "announce");
}

TEST_CASE("five deaths in a row of one worker are a crash loop", "[policy]") {
  Story story(1);
  story.tell(Tick{});
  for (int death = 1; death < 5; ++death) {
    CHECK(story.tell(Exited{1, kCrash}).starts_with("replace:1"));
    story.tell(Tick{}, 5s);
    story.tell(Ready{1});
  }
  const auto actions = story.policy.on(Exited{1, kCrash}, story.now);
  REQUIRE(actions.size() == 1);
  const ServeResult result = std::get<Finish>(actions[0]).result;
  CHECK(result.outcome == Outcome::crash_loop);
  CHECK(result.message ==
        "gave up after 5 deaths of workers in a row, the last of worker 1 "
        "with signal 11 (SIGSEGV); the lines above say what each of them died "
        "of");
}

TEST_CASE("a crash loop stops the workers that are left", "[policy]") {
  Story story(2);
  story.tell(Tick{});
  for (int death = 1; death < 10; ++death) {
    story.tell(Exited{1, kCrash});
    story.tell(Tick{}, 900ms);
    if (death >= 5) story.tell(Tick{}, 5s);  // 2 boots on: not ready, no death
  }
  CHECK(story.tell(Exited{1, kCrash}) == "term:2");
  CHECK(story.tell(Exited{2, kClean}) == "finish:crash_loop");
}

TEST_CASE("a healthy worker anywhere is no crash loop", "[policy]") {
  Story story = two_ready_workers();
  story.now += 10s;
  for (int death = 0; death < 100; ++death) {
    CHECK(story.tell(Exited{1, kCrash}).starts_with("replace:1"));
    story.tell(Tick{}, 5s);
  }
}

TEST_CASE("stopping is polite, then firm, then over", "[policy]") {
  Story story = two_ready_workers();
  CHECK(story.tell(StopAsked{}) == "term:1 term:2");
  CHECK(story.tell(Exited{1, kClean}) == "");
  CHECK(story.until_deadline() == 31s);
  CHECK(story.tell(Tick{}, 30999ms) == "");
  CHECK(story.tell(Tick{}, 1ms) == "kill:2");
  CHECK(story.tell(Tick{}, 1h) == "");
  CHECK(story.tell(Exited{2, {0, SIGKILL}}) == "finish:stopped");
}

TEST_CASE("a second request to stop kills at once, a third changes nothing",
          "[policy]") {
  Story story = two_ready_workers();
  CHECK(story.tell(StopAsked{}) == "term:1 term:2");
  CHECK(story.tell(Exited{1, kClean}) == "");
  CHECK(story.tell(StopAsked{}, 1s) == "kill:2");
  CHECK(story.tell(StopAsked{}, 1s) == "");
  CHECK(story.tell(Exited{2, {0, SIGKILL}}) == "finish:stopped");
}

TEST_CASE("workers that boot are stopped as well", "[policy]") {
  Story story(2);
  story.tell(Tick{});
  story.tell(Ready{1});
  CHECK(story.tell(StopAsked{}) == "term:1 term:2");
  CHECK(story.tell(Ready{2}) == "");
  CHECK(story.tell(Exited{2, kAppFailed}) == "");
  CHECK(story.tell(Exited{1, kClean}) == "finish:stopped");
}

TEST_CASE("a worker that gets ready while it is stopped has no more time",
          "[policy]") {
  Story story(1);
  story.tell(Tick{});
  CHECK(story.tell(StopAsked{}) == "term:1");
  CHECK(story.tell(Ready{1}) == "");
  CHECK(story.until_deadline() == 31s);
  CHECK(story.tell(StopAsked{}) == "kill:1");
}

TEST_CASE("nobody is started after a request to stop", "[policy]") {
  Story story(1);
  story.tell(Tick{});
  story.tell(Exited{1, kCrash});
  CHECK(story.tell(Exited{1, kCrash}) == "replace:1+100");
  CHECK(story.tell(StopAsked{}) == "finish:stopped");
}

TEST_CASE("a kill says why, a request to stop needs no reason", "[policy]") {
  Story story(1);
  story.tell(Tick{});
  story.now += 30s;
  auto actions = story.policy.on(Tick{}, story.now);
  CHECK(std::get<Kill>(actions.at(0)).reason ==
        "it did not get ready within 30000 ms");
  actions = story.policy.on(StopAsked{}, story.now);
  CHECK(std::get<Kill>(actions.at(0)).reason.empty());
  story.now += 31s;
  actions = story.policy.on(Tick{}, story.now);
  CHECK(std::get<Kill>(actions.at(0)).reason ==
        "it did not stop within 30000 ms");
}

TEST_CASE("a fleet has workers, and only those", "[policy]") {
  CHECK_THROWS_AS(SupervisorPolicy(0, RestartRules{}), std::invalid_argument);
  Story story(1);
  CHECK_THROWS_AS(story.tell(Ready{2}), std::out_of_range);
  CHECK_THROWS_AS(story.tell(Ready{0}), std::out_of_range);
}
