#include "bench/during/repetitions.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_stage.hpp"

namespace launch::bench {
namespace {

using namespace std::chrono_literals;

/// One server and an event to repeat with it.
struct Scene {
  FakeStage fake;
  Stage stage = fake.stage();
  DuringPlan plan;
  Contender contender;
  std::atomic<bool> cancelled{false};
  std::unique_ptr<Target> server;
  std::unique_ptr<Repetitions> repetitions;

  explicit Scene(std::string_view event, bool foreign = false) {
    plan.event = *find_event(event);
    plan.own_spacing = 50ms;
    contender.name = "it";
    contender.foreign = foreign;
    server = stage.start(contender, 1s);
    fake.log.clear();
    fake.have_workers({1, 2, 3});
    fake.processes = {1, 2, 3};
    repetitions = std::make_unique<Repetitions>(stage, plan, contender, server,
                                                cancelled);
  }

  /// The sentence of a failure, or nothing.
  std::string repeat(int turn = 0) {
    const auto failure = repetitions->repeat(turn);
    if (!failure) return "";
    CHECK(failure->contender == "it");
    return std::string(to_string(failure->kind)) + ": " + failure->reason;
  }

  Clock::duration passed() const {
    return fake.time - Clock::time_point{1000s};
  }
};

TEST_CASE("a reload waits until every worker is another one", "[repetitions]") {
  Scene scene("reload");
  scene.fake.on_sleep = [&] {
    if (scene.passed() == 30ms) scene.fake.have_workers({4, 2, 3});
    if (scene.passed() == 60ms) scene.fake.have_workers({4, 5, 6});
  };
  CHECK(scene.repeat().empty());
  CHECK(scene.fake.count("HUP 4711") == 1);
  CHECK(scene.passed() == 110ms);  // and the spacing
  CHECK(scene.repetitions->took_us() == std::vector<double>{60'000});
}

TEST_CASE("a reload that does not come to its end is named", "[repetitions]") {
  Scene scene("reload");
  CHECK(scene.repeat() == "event: one reload was not over within 30000 ms");
  CHECK(scene.passed() == 30s);
}

TEST_CASE("a server that dies of a signal is named", "[repetitions]") {
  Scene scene("reload");
  scene.fake.on_signal = [&](pid_t, int) { scene.fake.death = "it is gone"; };
  CHECK(scene.repeat() == "death: it is gone");
  CHECK(scene.passed() == 0ms);
}

TEST_CASE("a server that names no workers cannot be followed",
          "[repetitions]") {
  Scene scene("reload");
  scene.fake.workers.clear();
  CHECK(scene.repeat() == "event: it does not say who its workers are");
  CHECK(scene.fake.count("HUP 4711") == 0);
}

TEST_CASE("another signal may take the place of the event's", "[repetitions]") {
  Scene scene("upgrade");
  scene.plan.event.signal = SIGUSR1;
  scene.fake.on_signal = [&](pid_t, int) {
    scene.fake.have_workers({7, 8, 9});
  };
  CHECK(scene.repeat().empty());
  CHECK(scene.fake.count("USR1 4711") == 1);
}

TEST_CASE("a scale goes up and down in turn", "[repetitions]") {
  Scene scene("scale");
  scene.fake.on_signal = [&](pid_t, int number) {
    if (number == SIGTTIN) scene.fake.have_workers({1, 2, 3, 4});
    if (number == SIGTTOU) scene.fake.have_workers({1, 2, 3});
  };
  CHECK(scene.repeat(0).empty());
  CHECK(scene.repeat(1).empty());
  CHECK(scene.fake.count("TTIN 4711") == 1);
  CHECK(scene.fake.count("TTOU 4711") == 1);
}

TEST_CASE("workers are stopped, looked at and killed in turn",
          "[repetitions]") {
  Scene scene("kill");
  scene.fake.on_signal = [&](pid_t pid, int number) {
    CHECK(number == SIGKILL);
    for (WorkerCounts& worker : scene.fake.workers)
      if (worker.pid == pid) worker.pid += 10;
  };
  CHECK(scene.repeat(0).empty());
  CHECK(scene.repeat(1).empty());
  CHECK(scene.fake.count("freeze 1") == 1);
  CHECK(scene.fake.count("KILL 1") == 1);
  CHECK(scene.fake.count("KILL 2") == 1);
  CHECK(scene.repetitions->held() == 8);
}

TEST_CASE("where nobody knows what a worker held, it may be all",
          "[repetitions]") {
  Scene scene("kill", true);
  scene.fake.held.reset();
  scene.plan.connections = 64;
  CHECK(scene.repeat().empty());
  CHECK(scene.repetitions->held() == 64);
}

TEST_CASE("a server without workers has none to kill", "[repetitions]") {
  Scene scene("kill", true);
  scene.fake.processes.clear();
  CHECK(scene.repeat() == "event: it has no worker process to kill");
}

TEST_CASE("a worker that hangs is not killed by us", "[repetitions]") {
  Scene scene("hang");
  scene.fake.on_sleep = [&] {
    if (scene.passed() == 1s) scene.fake.have_workers({9, 2, 3});
  };
  CHECK(scene.repeat().empty());
  CHECK(scene.fake.count("freeze 1") == 1);
  CHECK(scene.fake.count("KILL 1") == 0);
  CHECK(scene.fake.count("CONT 1") == 0);
  CHECK(scene.repetitions->held() == 4);
}

TEST_CASE("a hung worker that nobody replaces goes on, and is noted",
          "[repetitions]") {
  Scene scene("hang", true);
  CHECK(scene.repeat(1).empty());
  CHECK(scene.fake.count("CONT 2") == 1);
  CHECK(scene.repetitions->notes() ==
        std::vector<std::string>{"worker 2 was not replaced within 1000 ms"});
}

TEST_CASE("recycling does nothing but wait", "[repetitions]") {
  Scene scene("recycle");
  scene.fake.on_sleep = [&] {
    if (scene.passed() == 70ms) scene.fake.have_workers({1, 2, 4});
  };
  CHECK(scene.repeat().empty());
  CHECK(scene.passed() == 120ms);
  CHECK(scene.fake.count("HUP 4711") == 0);
}

TEST_CASE("a stopped server is followed by another one", "[repetitions]") {
  Scene scene("stop");
  scene.fake.on_sleep = [&] {
    if (scene.passed() == 40ms) scene.fake.death = "ended";
  };
  CHECK(scene.repeat().empty());
  CHECK(scene.fake.log ==
        std::vector<std::string>{"TERM 4711", "stop", "start"});
  CHECK(scene.passed() == 90ms);
}

TEST_CASE("any server's restart has an end that is known", "[repetitions]") {
  Scene scene("stop", true);
  scene.plan.foreign_spacing = 10s;
  scene.fake.on_sleep = [&] {
    if (scene.passed() == 40ms) scene.fake.death = "ended";
  };
  CHECK(scene.repeat().empty());
  CHECK(scene.fake.count("start") == 1);
  CHECK(scene.passed() == 90ms);
}

TEST_CASE("a server that does not stop, or not start again, is named",
          "[repetitions]") {
  Scene lasting("stop");
  CHECK(lasting.repeat() == "event: it did not stop within 30000 ms");

  Scene broken("stop");
  broken.fake.death = "ended";
  broken.fake.start_error = "the port is taken";
  CHECK(broken.repeat() ==
        "event: it could not be started again: the port is taken");
}

TEST_CASE("foreign servers are given a fixed time", "[repetitions]") {
  Scene scene("reload", true);
  scene.plan.foreign_spacing = 700ms;
  CHECK(scene.repeat().empty());
  CHECK(scene.fake.count("HUP 4711") == 1);
  CHECK(scene.fake.count("ask") == 0);
  CHECK(scene.passed() == 700ms);
}

TEST_CASE("an interruption ends the wait", "[repetitions]") {
  Scene scene("reload");
  scene.fake.on_sleep = [&] { scene.cancelled = true; };
  CHECK(scene.repeat().empty());
  CHECK(scene.passed() == 10ms);
}

}  // namespace
}  // namespace launch::bench
