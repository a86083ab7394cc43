#include "modes/supervisor/policy.hpp"

#include <deque>
#include <optional>
#include <stdexcept>

#include "tests/support/story.hpp"

using namespace story;

TEST_CASE("a fleet starts all at once and is announced when all are ready",
          "[policy]") {
  Story story(3);
  CHECK(story.policy.deadline() <= story.now);
  CHECK(story.tell(Tick{}) == "spawn:1 spawn:2 spawn:3");
  CHECK(story.until_deadline() == 30s);
  CHECK(story.tell(Ready{2}) == "");
  CHECK(story.tell(Ready{1}) == "");
  CHECK_FALSE(story.policy.complete());
  CHECK(story.tell(Ready{3}) == "announce");
  CHECK(story.policy.complete());
  CHECK(story.waits_for_nothing());
}

TEST_CASE("no more workers start at once than there is room for", "[policy]") {
  RestartRules rules = no_jitter();
  rules.starts_at_once = 2;
  Story story(4, rules);
  CHECK(story.tell(Tick{}) == "spawn:1 spawn:2");
  CHECK(story.tell(Ready{2}) == "spawn:3");
  CHECK(story.until_deadline() == 30s);
  CHECK(story.tell(Ready{3}) == "spawn:4");
  CHECK(story.tell(Ready{1}) == "");
  CHECK(story.tell(Ready{4}) == "announce");
}

// --- deaths ---

TEST_CASE("a first death is replaced at once and announced no second time",
          "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(Exited{1, kCrash}, 1s) == "died:1=signal+0 spawn:1");
  CHECK(story.tell(Ready{1}, 1s) == "");
}

TEST_CASE("the clean end of a worker that nobody stopped is a death",
          "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(Exited{2, kClean}) == "died:2=crash+0 spawn:2");
}

TEST_CASE("a worker that dies again and again is started ever more rarely",
          "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(Exited{1, kCrash}, 10s) == "died:1=signal+0 spawn:1");
  for (const int delay : {1000, 2000, 4000, 8000, 15000, 15000}) {
    CHECK(story.tell(Exited{1, kCrash}) ==
          "died:1=signal+" + std::to_string(delay));
    CHECK(story.until_deadline() == milliseconds{delay});
    CHECK(story.tell(Tick{}, milliseconds{delay - 1}) == "");
    CHECK(story.tell(Tick{}, 1ms) == "spawn:1");
  }
}

TEST_CASE("a worker that was healthy is replaced at once again", "[policy]") {
  Story story = ready_workers(2);
  story.tell(Exited{1, kCrash});
  story.tell(Ready{1});
  CHECK(story.tell(Exited{1, kCrash}, 9999ms) == "died:1=signal+1000");
  CHECK(story.tell(Tick{}, 1s) == "spawn:1");
  story.tell(Ready{1});
  CHECK(story.tell(Exited{1, kCrash}, 10s) == "died:1=signal+0 spawn:1");
}

TEST_CASE("an app that dies after each boot is forked 9 times in 10 s",
          "[policy]") {
  SupervisorPolicy policy(3, no_jitter());
  Clock::time_point now{1h};
  int forks = 0;
  std::optional<ServeResult> result;
  std::deque<std::pair<int, Clock::time_point>> living;  // seat, end of life
  const auto play = [&](const Event& event) {
    for (const Action& action : policy.on(event, now)) {
      if (const auto* spawn = std::get_if<Spawn>(&action)) {
        ++forks;
        living.emplace_back(spawn->seat, now + 50ms);
      }
      if (const auto* finish = std::get_if<Finish>(&action))
        result = finish->result;
    }
  };
  play(Tick{});
  while (!result) {
    if (living.empty()) {
      now = policy.deadline();
      play(Tick{});
      continue;
    }
    const auto [seat, end] = living.front();
    living.pop_front();
    now = std::max(now, end);
    play(Ready{seat});
    play(Exited{seat, {1, 0}});
  }
  CHECK(result->outcome == Outcome::crash_loop);
  CHECK(forks == 9);
  // Both of the first lives take 50 ms, the next begin 1, 2 and 4 s apart.
  CHECK(now - Clock::time_point{1h} == 7150ms);
}

TEST_CASE("a crash loop stops the workers that are left", "[policy]") {
  RestartRules rules = no_jitter();
  rules.backoff.longest = 1s;
  Story story(2, rules);
  story.tell(Tick{});
  for (int death = 1; death < 7; ++death) {
    CHECK(story.tell(Exited{1, kCrash}).starts_with("died:1"));
    story.tell(Tick{}, 1s);
  }
  CHECK(story.tell(Exited{1, kCrash}) == "unready deaf term:2");
  CHECK(story.tell(Exited{2, kClean}) == "finish:crash_loop");
}

TEST_CASE("the end of a crash loop says how many deaths it were", "[policy]") {
  Story story(1);
  story.tell(Tick{});
  for (int death = 1; death < 5; ++death) {
    CHECK(story.tell(Exited{1, kCrash}).starts_with("died:1"));
    story.tell(Tick{}, 15s);
    story.tell(Ready{1});
  }
  const auto actions = story.policy.on(Exited{1, kCrash}, story.now);
  const ServeResult result = std::get<Finish>(actions.back()).result;
  CHECK(result.outcome == Outcome::crash_loop);
  CHECK(result.message ==
        "gave up after 5 deaths of workers in a row, the last of worker 1 "
        "(signal 11 (SIGSEGV)); the lines above say what each of them died "
        "of");
}

TEST_CASE("a healthy worker anywhere is no crash loop", "[policy]") {
  Story story = ready_workers(2);
  story.now += 10s;
  for (int death = 0; death < 100; ++death) {
    CHECK(story.tell(Exited{1, kCrash}).starts_with("died:1"));
    story.tell(Tick{}, 15s);
  }
}

// --- the start ---

TEST_CASE("a worker that does not get ready is given up and counts as dead",
          "[policy]") {
  Story story(1);
  story.tell(Tick{});
  CHECK(story.tell(Tick{}, 29999ms) == "");
  CHECK(story.tell(Tick{}, 1ms) ==
        "dump:1 term:1 died:1=boot_timeout+0 spawn:1@2");
  CHECK(story.until_deadline() == 500ms);
  CHECK(story.tell(Tick{}, 500ms) == "kill:1");
  CHECK(story.tell(Exited{1, {0, SIGKILL}}) == "");
  CHECK(story.tell(Ready{2}) == "announce");
}

TEST_CASE("an app that cannot start ends the start at once", "[policy]") {
  Story story(3);
  story.tell(Tick{});
  CHECK(story.tell(Exited{2, kAppFailed}) == "unready deaf term:1 term:3");
  CHECK(story.tell(Ready{3}) == "");  // too late
  CHECK(story.tell(Exited{1, kAppFailed}) == "");
  CHECK(story.tell(Exited{3, {0, SIGTERM}}) == "finish:app_failed");
}

TEST_CASE("the reason that a worker told is the service's", "[policy]") {
  for (const auto& [told, sentence] :
       {std::pair{"no database", "no database"},
        std::pair{"",
                  "the application could not be started in worker 1; its "
                  "reason stands above"}}) {
    Story story(1);
    story.tell(Tick{});
    const auto actions =
        story.policy.on(Exited{1, kAppFailed, told}, story.now);
    CHECK(std::get<Finish>(actions.back()).result.message == sentence);
  }
}

TEST_CASE("an app that failed after any worker was ready is only a death",
          "[policy]") {
  Story story(2);
  story.tell(Tick{});
  story.tell(Ready{1});
  CHECK(story.tell(Exited{2, kAppFailed}) == "died:2=crash+0 spawn:2");
}

// --- the end ---

TEST_CASE("stopping is polite, then firm, then over", "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(StopAsked{}) == "unready deaf term:1 term:2");
  CHECK(story.tell(Exited{1, kClean}) == "");
  CHECK(story.until_deadline() == 31s);
  CHECK(story.tell(Tick{}, 30999ms) == "");
  CHECK(story.tell(Tick{}, 1ms) == "kill:2");
  CHECK(story.tell(Tick{}, 1h) == "");
  CHECK(story.tell(Exited{2, {0, SIGKILL}}) == "finish:stopped");
}

TEST_CASE("a second request to stop kills at once, a third changes nothing",
          "[policy]") {
  Story story = ready_workers(2);
  story.tell(StopAsked{});
  CHECK(story.tell(Exited{1, kClean}) == "");
  CHECK(story.tell(StopAsked{}, 1s) == "kill:2");
  CHECK(story.tell(StopAsked{}, 1s) == "");
  CHECK(story.tell(Exited{2, {0, SIGKILL}}) == "finish:stopped");
}

TEST_CASE("a quick stop leaves a second", "[policy]") {
  Story story = ready_workers(1);
  CHECK(story.tell(StopAsked{.quick = true}) == "unready deaf quit:1");
  CHECK(story.tell(Tick{}, 1s) == "kill:1");
  CHECK(story.tell(Exited{1, {0, SIGKILL}}) == "finish:stopped");
}

TEST_CASE("a stop first tells the world, if it is to, and serves on",
          "[policy]") {
  RestartRules rules = no_jitter();
  rules.drain_delay = 5s;
  Story story = ready_workers(2, rules);
  CHECK(story.tell(StopAsked{}) == "unready");
  CHECK(story.until_deadline() == 5s);
  CHECK(story.tell(Exited{1, kCrash}, 1s) == "died:1=signal+0 spawn:1");
  CHECK(story.tell(Ready{1}) == "");
  CHECK(story.tell(Tick{}, 4s) == "deaf term:1 term:2");
  Story impatient = ready_workers(1, rules);
  CHECK(impatient.tell(StopAsked{}) == "unready");
  CHECK(impatient.tell(StopAsked{}) == "deaf term:1");
}

TEST_CASE("workers that boot are stopped as well", "[policy]") {
  Story story(2);
  story.tell(Tick{});
  story.tell(Ready{1});
  CHECK(story.tell(StopAsked{}) == "unready deaf term:1 term:2");
  CHECK(story.tell(Ready{2}) == "");
  CHECK(story.until_deadline() == 31s);
  CHECK(story.tell(Exited{2, kAppFailed}) == "");
  CHECK(story.tell(Exited{1, kClean}) == "finish:stopped");
}

TEST_CASE("nobody is started after a request to stop", "[policy]") {
  Story story(1);
  story.tell(Tick{});
  story.tell(Exited{1, kCrash});
  CHECK(story.tell(Exited{1, kCrash}) == "died:1=signal+1000");
  CHECK(story.tell(StopAsked{}) == "unready deaf finish:stopped");
}

TEST_CASE("workers of a predecessor are taken on and reloaded", "[policy]") {
  Story story(2);
  story.policy.adopt(1, 1, false, story.now);
  story.policy.adopt(2, 3, false, story.now);
  story.policy.adopt(2, 2, true, story.now);
  CHECK(story.tell(Tick{}) == "spawn:1@4");
  CHECK(story.tell(Ready{4}) == "replaced:1=reload term:1 spawn:2@5");
  CHECK(story.tell(Exited{5, kAppFailed, "no"}) == "failed(no)");
  CHECK(story.policy.complete());
}

TEST_CASE("a fleet has workers, and only those", "[policy]") {
  CHECK_THROWS_AS(SupervisorPolicy(0, RestartRules{}), std::invalid_argument);
  Story story(1);
  CHECK_THROWS_AS(story.tell(Ready{2}), std::out_of_range);
}
