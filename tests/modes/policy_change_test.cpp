// How a fleet changes while it serves.

#include "tests/support/story.hpp"

using namespace story;

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
