#pragma once

#include <string>
#include <variant>
#include <vector>

#include "modes/base/child_process.hpp"
#include "modes/base/clock.hpp"
#include "modes/outcome.hpp"

namespace launch {

/// What keeps a fleet of workers alive, and when to give up. Waits are on the
/// monotonic clock.
struct RestartRules {
  milliseconds boot_timeout{30'000};      ///< spawn -> ready, else SIGKILL
  milliseconds graceful_timeout{30'000};  ///< SIGTERM -> connections are cut
  /// What a worker that cut its connections still gets to end by itself.
  milliseconds kill_margin{1'000};
  /// Death -> replacement: nothing at first, then this, doubled each time ...
  milliseconds first_backoff{100};
  milliseconds longest_backoff{5'000};  ///< ... up to this
  /// Ready for so long: its death is no sign of a loop.
  milliseconds healthy_after{10'000};
  /// Times the number of workers: deaths in a row that end the service.
  int deaths_per_worker = 5;
  /// With it a worker says that the app cannot be loaded or started.
  int app_failed_exit_code = 3;
};

// What can happen to a fleet; ids count from 1 ...
struct Ready {
  int id;
};
struct Exited {
  int id;
  ExitStatus status;
  std::string reason{};  ///< as the worker told it; empty if it did not
};
struct StopAsked {};
struct Tick {};  ///< the deadline has come; the first one starts the fleet
using Event = std::variant<Ready, Exited, StopAsked, Tick>;

// ... and what is to be done about it, in this order.
struct Spawn {
  int id;
};
struct Kill {
  int id;
  int signal;
  std::string reason;  ///< end of a sentence; empty if nothing is wrong
};
/// A worker ended unasked and gets a successor; only to be told.
struct Replace {
  int id;
  ExitStatus status;
  milliseconds delay;
};
struct Announce {};  ///< all workers are ready, for the first time
struct Finish {
  ServeResult result;
};
using Action = std::variant<Spawn, Kill, Replace, Announce, Finish>;

/// Decides what a supervisor does. Never forks, kills, sleeps or reads a
/// clock, so that every story can be told in a test.
class SupervisorPolicy {
 public:
  SupervisorPolicy(int workers, const RestartRules& rules);

  /// Feeds one event; returns what it causes. After Finish the policy is over
  /// and must not be fed again.
  std::vector<Action> on(const Event& event, Clock::time_point now);

  /// When Tick must be fed at the latest; max() means never.
  Clock::time_point deadline() const;

 private:
  enum class State { down, starting, ready, stopping };
  struct Worker {
    State state = State::down;
    Clock::time_point due = Clock::time_point::min();  ///< end of this state
    Clock::time_point ready_since{};                   ///< while ready
    int deaths = 0;                                    ///< in a row, of this id
  };

  void on_event(const Ready& event, Clock::time_point now);
  void on_event(const Exited& event, Clock::time_point now);
  void on_event(const StopAsked& event, Clock::time_point now);
  void on_event(const Tick& event, Clock::time_point now);

  Worker& worker(int id);
  int id_of(const Worker& worker) const;
  bool healthy(const Worker& worker, Clock::time_point now) const;
  milliseconds backoff_after(int deaths) const;
  void end_wait(Worker& worker, Clock::time_point now);
  void replace(Worker& worker, const ExitStatus& status, Clock::time_point now);
  void stop_all(ServeResult result, Clock::time_point now);
  void finish_if_empty();

  RestartRules rules_;
  std::vector<Worker> workers_;
  std::vector<Action> actions_;
  ServeResult result_;       ///< of Finish, once stopping
  int deaths_ = 0;           ///< in a row, of all workers
  bool ever_ready_ = false;  ///< any worker
  bool announced_ = false;
  bool stopping_ = false;
};

}  // namespace launch
