#include "bench/during/during.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_stage.hpp"

namespace launch::bench {
namespace {

using namespace std::chrono_literals;

struct Scene {
  FakeStage fake;
  DuringPlan plan;
  std::atomic<bool> cancelled{false};
  std::vector<std::string> failures;
  int repetitions = 0;

  explicit Scene(std::string_view event) {
    plan.app = "demo";
    plan.event = *find_event(event);
    plan.times = 3;
    plan.contenders.resize(1);
    plan.contenders[0].name = "it";
    plan.contenders[0].argv = {"server"};
    plan.contenders[0].foreign = true;
    plan.loads = {*find_load_kind("close")};
    fake.processes = {1, 2};
  }

  DuringReport run() {
    DuringProgress progress;
    progress.on_repetition = [&](const std::string&, const std::string&, int,
                                 int) { ++repetitions; };
    progress.on_failure = [&](const Failure& failure) {
      failures.push_back(failure.reason);
    };
    return run_during(fake.stage(), plan, progress, cancelled);
  }
};

TEST_CASE("an event is repeated while load is driven", "[during]") {
  Scene scene("reload");
  scene.fake.on_load = [&](const LoadPlan& plan, LoadObserver&) {
    CHECK(plan.port == 4242);
    CHECK_FALSE(plan.keep_alive);
    CHECK(plan.drains);
    CHECK(plan.connections == 64);
  };
  const DuringReport report = scene.run();
  REQUIRE(report.trials.size() == 1);
  const DuringTrial& trial = report.trials[0];
  CHECK(trial.contender == "it");
  CHECK(trial.load == "close");
  CHECK(trial.times == 3);
  CHECK(scene.repetitions == 3);
  CHECK(scene.fake.count("HUP 4711") == 3);
  CHECK(trial.phases[0].duration_s == 1);
  CHECK(trial.phases[1].duration_s == 3);  // a second each
  CHECK(trial.phases[2].duration_s == 1);
  CHECK(scene.fake.started[0].port == 8123);
  CHECK(scene.fake.log.back() == "stop");
  CHECK_FALSE(report.interrupted);
  CHECK(report.failures.empty());
}

TEST_CASE("every contender is started afresh for every load", "[during]") {
  Scene scene("reload");
  scene.plan.contenders.push_back(scene.plan.contenders[0]);
  scene.plan.contenders[1].name = "other";
  scene.plan.loads.push_back(*find_load_kind("pausing"));
  const DuringReport report = scene.run();
  REQUIRE(report.trials.size() == 4);
  CHECK(scene.fake.count("start") == 4);
  CHECK(report.trials[1].contender == "other");
  CHECK(report.trials[1].load == "close");
  CHECK(report.trials[2].contender == "it");
  CHECK(report.trials[2].load == "pausing");
}

TEST_CASE("a server of ours gets the flag that the event needs", "[during]") {
  Scene scene("hang");
  scene.plan.contenders[0].foreign = false;
  scene.plan.times = 1;
  scene.plan.repetition_limit = 10ms;
  scene.fake.have_workers({1, 2});
  scene.run();
  CHECK(scene.fake.started[0].argv ==
        std::vector<std::string>{"server", "--hang-timeout", "2s"});

  Scene recycling("recycle");
  recycling.plan.contenders[0].foreign = false;
  recycling.plan.repetition_limit = 10ms;
  recycling.plan.loads.push_back(*find_load_kind("pausing"));
  recycling.fake.have_workers({1, 2});
  recycling.run();
  CHECK(recycling.fake.started[0].argv ==
        std::vector<std::string>{"server", "--max-requests", "2000"});
  CHECK(recycling.fake.started[1].argv ==
        std::vector<std::string>{"server", "--max-requests", "50"});
}

TEST_CASE("what is lost is divided by what may be lost", "[during]") {
  Scene scene("kill");
  scene.plan.times = 2;
  scene.fake.held = 2;
  // The load speaks between the first kill and the next time that passes.
  std::atomic<bool> killed{false};
  std::atomic<bool> told{false};
  scene.fake.on_signal = [&](pid_t, int) { killed = true; };
  scene.fake.on_load = [&](const LoadPlan&, LoadObserver& observer) {
    while (!killed) std::this_thread::yield();
    for (int i = 0; i < 5; ++i)
      observer.on_failure(Clock::time_point{}, ErrorKind::closed);
    told = true;
  };
  scene.fake.on_sleep = [&] {
    while (killed && !told) std::this_thread::yield();
  };
  const DuringReport report = scene.run();
  REQUIRE(report.trials.size() == 1);
  CHECK(report.trials[0].held == 4);
  CHECK(report.trials[0].lost().closed == 5);
  CHECK(report.trials[0].losses.expected == 4);
  CHECK(report.trials[0].losses.unexpected == 1);
  CHECK(report.lost_what_must_not_be_lost());
}

TEST_CASE("a contender that cannot be started or answers badly is named",
          "[during]") {
  Scene unstarted("reload");
  unstarted.fake.start_error = "no such program";
  const DuringReport first = unstarted.run();
  CHECK(first.trials.empty());
  REQUIRE(first.failures.size() == 1);
  CHECK(first.failures[0].kind == FailureKind::start);
  CHECK(unstarted.failures == std::vector<std::string>{"no such program"});

  Scene wrong("reload");
  wrong.fake.wrong_answer = "GET /: answered \"404\"";
  const DuringReport second = wrong.run();
  CHECK(second.trials.empty());
  REQUIRE(second.failures.size() == 1);
  CHECK(second.failures[0].kind == FailureKind::answer);
}

TEST_CASE("a server that dies ends its trial, which is kept", "[during]") {
  Scene scene("reload");
  scene.fake.on_signal = [&](pid_t, int) {
    if (scene.fake.count("HUP 4711") == 2) scene.fake.death = "it ended";
  };
  const DuringReport report = scene.run();
  REQUIRE(report.trials.size() == 1);
  CHECK(report.trials[0].times == 1);
  REQUIRE(report.failures.size() == 1);
  CHECK(report.failures[0].kind == FailureKind::death);
  CHECK(report.failures[0].reason == "it ended");
}

TEST_CASE("an interruption keeps what was finished", "[during]") {
  Scene scene("reload");
  scene.plan.loads.push_back(*find_load_kind("keepalive"));
  scene.fake.on_signal = [&](pid_t, int) {
    if (scene.fake.count("HUP 4711") == 3) scene.cancelled = true;
  };
  const DuringReport report = scene.run();
  CHECK(report.interrupted);
  REQUIRE(report.trials.size() == 1);
  CHECK(report.trials[0].times == 2);
  CHECK(scene.fake.count("start") == 1);
}

TEST_CASE("an interruption before the first one leaves nothing", "[during]") {
  Scene scene("reload");
  scene.fake.on_sleep = [&] { scene.cancelled = true; };
  const DuringReport report = scene.run();
  CHECK(report.interrupted);
  CHECK(report.trials.empty());
}

TEST_CASE("what the load cannot do is thrown", "[during]") {
  Scene scene("reload");
  scene.fake.on_load = [](const LoadPlan&, LoadObserver&) {
    throw std::runtime_error("no descriptor is left");
  };
  CHECK_THROWS_WITH(scene.run(), "no descriptor is left");
}

}  // namespace
}  // namespace launch::bench
