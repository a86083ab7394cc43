#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/during/stage.hpp"
#include "modes/base/child_process.hpp"
#include "tests/support/fake_target.hpp"

namespace launch::bench {

/// A machine of which a test decides everything; its time passes only by
/// sleeping. What is done is written to `log`: "start", "HUP 4711", ...
struct FakeStage {
  std::vector<std::string> log;
  Clock::time_point time{std::chrono::seconds{1000}};
  std::vector<WorkerCounts> workers;  ///< as the server tells them
  std::vector<pid_t> processes;       ///< that are children of the server
  std::optional<std::string> death;   ///< of the server
  std::optional<std::string> start_error;
  std::optional<std::string> wrong_answer;
  std::optional<std::uint64_t> held = 4;
  std::vector<Contender> started;
  /// Called after each time that passed.
  std::function<void()> on_sleep;
  /// Called for each signal.
  std::function<void(pid_t, int)> on_signal;
  /// What the load tells its observer, until it is stopped.
  std::function<void(const LoadPlan&, LoadObserver&)> on_load;

  void have_workers(const std::vector<pid_t>& pids) {
    workers.clear();
    for (const pid_t pid : pids) {
      workers.emplace_back();
      workers.back().id = static_cast<int>(workers.size());
      workers.back().pid = pid;
    }
  }

  /// How often the log says so.
  std::size_t count(const std::string& what) const {
    std::size_t number = 0;
    for (const std::string& each : log) number += each == what ? 1 : 0;
    return number;
  }

  Stage stage();

 private:
  class Server;
};

/// Tells the stage's workers, and dies as the stage says.
class FakeStage::Server final : public FakeTarget {
 public:
  explicit Server(FakeStage& fake) : FakeTarget(fake.log), fake_(fake) {}

  std::vector<WorkerCounts> take_counts() override { return fake_.workers; }
  std::optional<std::string> death() override { return fake_.death; }

 private:
  FakeStage& fake_;
};

inline Stage FakeStage::stage() {
  Stage stage;
  stage.start = [this](const Contender& contender,
                       milliseconds) -> std::unique_ptr<Target> {
    if (start_error) throw StartError(*start_error);
    log.emplace_back("start");
    started.push_back(contender);
    death.reset();
    return std::make_unique<Server>(*this);
  };
  stage.probe = [this](const auto&...) { return wrong_answer; };
  stage.load = [this](const LoadPlan& plan, const LoadHooks& hooks,
                      const std::atomic<bool>* stopped) {
    if (on_load) on_load(plan, *hooks.observer);
    while (!*stopped) std::this_thread::yield();
    return LoadResult{};
  };
  stage.free_port = [] { return std::uint16_t{8123}; };
  stage.now = [this] { return time; };
  stage.sleep = [this](milliseconds by) {
    time += by;
    if (on_sleep) on_sleep();
  };
  stage.signal = [this](pid_t pid, int number) {
    log.push_back(signal_name(number).substr(3) + ' ' + std::to_string(pid));
    if (on_signal) on_signal(pid, number);
  };
  stage.freeze = [this](pid_t pid) {
    log.push_back("freeze " + std::to_string(pid));
  };
  stage.is_alive = [this](pid_t pid) {
    return std::find(processes.begin(), processes.end(), pid) !=
           processes.end();
  };
  stage.children = [this](pid_t) { return processes; };
  stage.held = [this](pid_t, std::uint16_t) { return held; };
  return stage;
}

}  // namespace launch::bench
