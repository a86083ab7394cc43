#include "modes/supervisor/policy.hpp"

#include <csignal>
#include <deque>
#include <optional>
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

std::string text(const Spawn& a) {
  return a.id == a.seat ? fmt::format("spawn:{}", a.id)
                        : fmt::format("spawn:{}@{}", a.id, a.seat);
}
std::string text(const Dump& a) { return fmt::format("dump:{}", a.seat); }
std::string text(const Kill& a) {
  return fmt::format("{}:{}",
                     a.signal == SIGTERM   ? "term"
                     : a.signal == SIGQUIT ? "quit"
                                           : "kill",
                     a.seat);
}
std::string text(const Died& a) {
  return fmt::format("died:{}={}+{}", a.id, to_string(a.cause),
                     a.delay.count());
}
std::string text(const Replaced& a) {
  return fmt::format("replaced:{}={}", a.id, to_string(a.cause));
}
std::string text(const Stays& a) {
  return fmt::format("stays:{}+{}", a.id, a.delay.count());
}
std::string text(const Announce&) { return "announce"; }
std::string text(const Reloaded& a) {
  return a.error.empty() ? "reloaded" : "failed(" + a.error + ')';
}
std::string text(const Unready&) { return "unready"; }
std::string text(const StopListening&) { return "deaf"; }
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

RestartRules no_jitter() {
  RestartRules rules;
  rules.backoff.jitter = 0;
  rules.starts_at_once = 100;
  return rules;
}

/// Plays a story on a hand-moved clock. Actions come back as one readable
/// line, so that a failure prints what happened.
struct Story {
  explicit Story(int workers, const RestartRules& rules = no_jitter())
      : policy(workers, rules) {}

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
  bool waits_for_nothing() const {
    return policy.deadline() == Clock::time_point::max();
  }
};

Story ready_workers(int workers, const RestartRules& rules = no_jitter()) {
  Story story(workers, rules);
  story.tell(Tick{});
  for (int id = 1; id < workers; ++id) REQUIRE(story.tell(Ready{id}) == "");
  REQUIRE(story.tell(Ready{workers}) == "announce");
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

// --- reload ---

TEST_CASE("a reload replaces one worker after the other, the new one first",
          "[policy]") {
  Story story = ready_workers(3);
  CHECK(story.tell(ReloadAsked{}) == "spawn:1@4");
  CHECK(story.policy.reloading());
  CHECK(story.tell(Ready{4}) == "replaced:1=reload term:1 spawn:2@5");
  CHECK(story.tell(Ready{5}) == "replaced:2=reload term:2 spawn:3@6");
  CHECK(story.tell(Exited{1, kClean}) == "");
  CHECK(story.tell(Ready{6}) == "replaced:3=reload term:3 reloaded");
  CHECK_FALSE(story.policy.reloading());
  CHECK(story.policy.generation() == 2);
  CHECK(story.until_deadline() == 31s);  // for the old ones to end
  CHECK(story.tell(Exited{2, kClean}) == "");
  CHECK(story.tell(Exited{3, kClean}) == "");
  CHECK(story.waits_for_nothing());
}

TEST_CASE("an old worker that does not end is killed, and nobody waits for it",
          "[policy]") {
  Story story = ready_workers(1);
  story.tell(ReloadAsked{});
  CHECK(story.tell(Ready{2}) == "replaced:1=reload term:1 reloaded");
  CHECK(story.tell(Tick{}, 31s) == "kill:1");
  CHECK(story.tell(Exited{1, {0, SIGKILL}}) == "");
}

TEST_CASE("a new version that does not start leaves all old workers serving",
          "[policy]") {
  Story story = ready_workers(3);
  CHECK(story.tell(ReloadAsked{}) == "spawn:1@4");
  CHECK(story.tell(Exited{4, kAppFailed, "no such table"}) ==
        "failed(no such table)");
  CHECK(story.policy.complete());
  CHECK(story.waits_for_nothing());
  CHECK(story.tell(ReloadAsked{}) == "spawn:1@4");
  CHECK(story.tell(Exited{4, kCrash}) ==
        "failed(it ended with signal 11 (SIGSEGV))");
}

TEST_CASE("a new version that never gets ready fails the reload too",
          "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(ReloadAsked{}) == "spawn:1@3");
  CHECK(story.tell(Tick{}, 30s) ==
        "dump:3 term:3 failed(it did not get ready within 30000 ms)");
  CHECK(story.tell(Tick{}, 500ms) == "kill:3");
  CHECK(story.tell(Exited{3, {0, SIGKILL}}) == "");
}

TEST_CASE("a reload while one is going on begins anew", "[policy]") {
  Story story = ready_workers(2);
  story.tell(ReloadAsked{});
  CHECK(story.tell(Ready{3}) == "replaced:1=reload term:1 spawn:2@4");
  CHECK(story.tell(ReloadAsked{}) == "");  // what starts is awaited first
  CHECK(story.tell(Ready{4}) == "replaced:2=reload term:2 spawn:1@5");
  CHECK(story.tell(Ready{5}) == "replaced:1=reload term:3 spawn:2@6");
  CHECK(story.tell(Ready{6}) == "replaced:2=reload term:4 reloaded");
}

TEST_CASE("an old worker that dies during a reload is replaced at once",
          "[policy]") {
  Story story = ready_workers(2);
  story.tell(ReloadAsked{});
  CHECK(story.tell(Exited{2, kCrash}) == "died:2=signal+0 spawn:2");
  CHECK(story.tell(Ready{2}) == "");
  CHECK(story.tell(Ready{3}) == "replaced:1=reload term:1 reloaded");
}

TEST_CASE("a stop ends a reload, which has failed then", "[policy]") {
  Story story = ready_workers(1);
  story.tell(ReloadAsked{});
  CHECK(story.tell(StopAsked{}) ==
        "unready failed(the service was stopped meanwhile) deaf term:1 term:2");
}

TEST_CASE("with leave to do so a reload stops the old workers beforehand",
          "[policy]") {
  RestartRules rules = no_jitter();
  rules.max_unavailable = 2;
  Story story = ready_workers(3, rules);
  CHECK(story.tell(ReloadAsked{}) ==
        "replaced:1=reload term:1 spawn:1@4 "
        "replaced:2=reload term:2 spawn:2@5");
  CHECK(story.tell(Ready{4}) == "replaced:3=reload term:3 spawn:3@6");
  CHECK(story.tell(Ready{5}) == "");
  CHECK(story.tell(Ready{6}) == "reloaded");
}

// --- recycling, hanging ---

TEST_CASE("a worn worker stays until its successor is ready", "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(Worn{1, RestartCause::max_requests}) == "spawn:1@3");
  CHECK(story.tell(Worn{2, RestartCause::max_memory}) == "");  // never two
  CHECK(story.tell(Worn{1, RestartCause::max_lifetime}) == "");
  CHECK(story.tell(Ready{3}) == "replaced:1=max_requests term:1 spawn:2@4");
  CHECK(story.tell(Ready{4}) == "replaced:2=max_memory term:2");
}

TEST_CASE("a worn worker serves on while its successor does not start",
          "[policy]") {
  Story story = ready_workers(1);
  CHECK(story.tell(Worn{1, RestartCause::max_requests}) == "spawn:1@2");
  CHECK(story.tell(Exited{2, kAppFailed}) == "stays:1+0 spawn:1@2");
  CHECK(story.tell(Exited{2, kAppFailed}) == "stays:1+1000");
  CHECK(story.tell(Tick{}, 999ms) == "");
  CHECK(story.tell(Tick{}, 1ms) == "spawn:1@2");
  CHECK(story.tell(Ready{2}) == "replaced:1=max_requests term:1");
}

TEST_CASE("a worker that hangs is given up, its successor starts at once",
          "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(Hung{2, "it stands still"}, 60s) ==
        "dump:2 term:2 died:2=hang+0 spawn:2@3");
  CHECK(story.tell(Hung{2, "it stands still"}) == "");
  CHECK(story.tell(Ready{3}) == "");
  CHECK(story.tell(Tick{}, 500ms) == "kill:2");
  CHECK(story.tell(Exited{2, {0, SIGKILL}}) == "");
}

// --- more and fewer workers ---

TEST_CASE("workers are added and taken away", "[policy]") {
  Story story = ready_workers(1);
  CHECK(story.tell(ScaleAsked{3}) == "spawn:2 spawn:3");
  story.tell(Ready{2});
  CHECK_FALSE(story.policy.complete());
  story.tell(Ready{3});
  CHECK(story.policy.complete());
  CHECK(story.tell(ScaleAsked{1}) == "term:2 term:3");
  CHECK(story.policy.complete());
  CHECK(story.tell(Exited{3, kClean}) == "");
  CHECK(story.tell(ScaleAsked{2}) == "spawn:2@3");  // the old 2 still ends
  CHECK(story.tell(Exited{2, kClean}) == "");
  CHECK(story.tell(ScaleAsked{0}) == "term:3");
  CHECK(story.policy.workers() == 1);
}

TEST_CASE("paused workers are gone until a reload", "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(PauseAsked{}) == "term:1 term:2");
  CHECK(story.tell(Exited{1, kClean}) == "");
  CHECK(story.tell(Exited{2, kClean}) == "");
  CHECK(story.waits_for_nothing());
  CHECK(story.tell(ReloadAsked{}) == "spawn:1 spawn:2");
  CHECK(story.tell(Ready{1}) == "");
  CHECK(story.tell(Ready{2}) == "reloaded");
  CHECK(story.tell(PauseAsked{}) == "term:1 term:2");
  CHECK(story.tell(StopAsked{}) == "unready deaf");
}

TEST_CASE("a worker that the kernel killed for memory is told apart",
          "[policy]") {
  Story story = ready_workers(2);
  CHECK(story.tell(Exited{1, {0, SIGKILL}, "", true}) ==
        "died:1=out_of_memory+0 spawn:1");
}

TEST_CASE("a worker too many that does not start harms nobody", "[policy]") {
  Story story = ready_workers(1);
  story.now += 10s;
  CHECK(story.tell(ScaleAsked{2}) == "spawn:2");
  CHECK(story.tell(Exited{2, kAppFailed}) == "died:2=crash+0 spawn:2");
  CHECK(story.tell(Exited{2, kAppFailed}) == "died:2=crash+1000");
  CHECK(story.tell(ScaleAsked{1}) == "");
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
