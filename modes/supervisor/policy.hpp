#pragma once

#include <map>
#include <string>
#include <vector>

#include "modes/supervisor/backoff.hpp"
#include "modes/supervisor/policy_events.hpp"

namespace launch {

/// What keeps a fleet of workers alive, and when to give up. Waits are on the
/// monotonic clock.
struct RestartRules {
  milliseconds boot_timeout{30'000};      ///< spawn -> ready, else given up
  milliseconds graceful_timeout{30'000};  ///< SIGTERM -> connections are cut
  /// What a worker that cut its connections still gets to end by itself.
  milliseconds kill_margin{1'000};
  /// SIGTERM -> SIGKILL for one that hangs: time to write its stacks down.
  milliseconds hang_margin{500};
  milliseconds drain_delay{0};  ///< stop asked -> nothing new is let in
  /// Ready for so long: its death is no sign of a loop.
  milliseconds healthy_after{10'000};
  Backoff::Rules backoff{};
  /// With it a worker says that the app cannot be loaded or started.
  int app_failed_exit_code = 3;
  int starts_at_once = 2;   ///< workers that may be starting
  int max_unavailable = 0;  ///< workers that a reload may stop beforehand
};

/// Decides what a supervisor does. Never forks, kills, sleeps or reads a
/// clock, so that every story can be told in a test.
///
/// A replacement goes first: a worker that is to be reloaded or recycled, or
/// that is one too many, leaves only when its successor is ready, one worker
/// after the other.
class SupervisorPolicy {
 public:
  /// `seed` of the jitter.
  SupervisorPolicy(int workers, const RestartRules& rules, unsigned seed = 1);

  /// Feeds one event; returns what it causes. After Finish the policy is over
  /// and must not be fed again.
  std::vector<Action> on(const Event& event, Clock::time_point now);

  /// When Tick must be fed at the latest; max() means never.
  Clock::time_point deadline() const { return deadline_; }

  /// Takes on a process that a predecessor of this supervisor started, before
  /// the first event. One that is not `leaving` serves, and is to be reloaded.
  void adopt(int id, int seat, bool leaving, Clock::time_point now);

  int workers() const { return backoff_.workers(); }
  int generation() const { return generation_; }  ///< counts reloads, from 1
  bool reloading() const { return reloading_; }
  bool stopping() const { return stop_ != Stop::none; }
  /// Whether each worker has a process that serves.
  bool complete() const;
  bool starting() const { return count(State::starting) > 0; }

 private:
  enum class State { starting, ready, leaving };
  enum class Stop { none, draining, stopping };

  /// By its seat.
  struct Process {
    int id = 0;
    State state = State::starting;
    Clock::time_point due = Clock::time_point::max();  ///< end of this state
    Clock::time_point ready_since{};                   ///< while ready
    bool outdated = false;  ///< gets a successor, because of `cause`
    RestartCause cause = RestartCause::reload;
  };
  using Processes = std::map<int, Process>;

  void on_event(const Ready& event, Clock::time_point now);
  void on_event(const Exited& event, Clock::time_point now);
  void on_event(const Hung& event, Clock::time_point now);
  void on_event(const Worn& event, Clock::time_point now);
  void on_event(const ReloadAsked& event, Clock::time_point now);
  void on_event(const PauseAsked& event, Clock::time_point now);
  void on_event(const ScaleAsked& event, Clock::time_point now);
  void on_event(const StopAsked& event, Clock::time_point now);
  void on_event(const Tick& event, Clock::time_point now);

  Processes::iterator find(int id, State state);
  bool has(int id, State state) { return find(id, state) != processes_.end(); }
  int count(State state) const;
  bool healthy(const Process& process, Clock::time_point now) const;
  bool any_healthy(Clock::time_point now) const;

  void settle(Clock::time_point now);
  void fill_vacancies(Clock::time_point now);
  void replace_outdated(Clock::time_point now);
  void drop_surplus(Clock::time_point now);
  void note_progress();
  void set_deadline(Clock::time_point now);

  void spawn(int id, Clock::time_point now);
  void leave(int seat, Process& process, Clock::time_point now);
  void give_up(int seat, Process& process, const std::string& reason,
               Clock::time_point now);
  void end_wait(int seat, Process& process, Clock::time_point now);
  void succession_failed(const Process& dead, const std::string& reason,
                         Clock::time_point now);
  void end_reload(const std::string& error);
  void died(const Process& dead, const Exited& end, RestartCause cause,
            Clock::time_point now);
  void stop_all(ServeResult result, bool quick, Clock::time_point now);

  RestartRules rules_;
  Backoff backoff_;
  Processes processes_;
  std::vector<Action> actions_;
  Clock::time_point deadline_ = Clock::time_point::min();
  Clock::time_point drained_{};  ///< end of the drain delay
  Stop stop_ = Stop::none;
  ServeResult result_;  ///< of Finish, once stopping
  int generation_ = 1;
  bool ever_ready_ = false;  ///< any worker
  bool announced_ = false;
  bool reloading_ = false;
  bool paused_ = false;
};

}  // namespace launch
