#pragma once

#include <poll.h>

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "modes/control/collect.hpp"
#include "modes/control/control_plane.hpp"
#include "modes/process/owned_file.hpp"
#include "modes/process/systemd_notifier.hpp"
#include "modes/serve.hpp"
#include "modes/signals.hpp"
#include "modes/supervisor/handover.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/policy.hpp"
#include "modes/supervisor/preloader.hpp"
#include "modes/supervisor/scoreboard.hpp"
#include "modes/supervisor/stats_channel.hpp"
#include "modes/supervisor/upgrade.hpp"
#include "modes/supervisor/worker_command.hpp"
#include "modes/supervisor/worker_process.hpp"

namespace launch {

/// The loop around the policy: waits, feeds it what happened, does what it
/// says. Made once, by run_prefork().
class Supervisor {
 public:
  /// `predecessor` is what the program that ran in this process left.
  Supervisor(const ServePlan& plan, std::vector<Bound> listeners,
             WorkerCommand command,
             const std::optional<Handover>& predecessor = {});

  /// Until the last worker is gone.
  ServeResult run();

 private:
  using Workers = std::map<int, WorkerProcess>;  ///< by their seats

  void wait();
  void take_signals();
  void take_news();
  void look_at_workers();
  void feed(const Event& event);
  void feed_untold();

  void on_signal(int number);
  void ask_to_stop(int number, bool quick);
  void ask_to_scale(int workers);
  void reopen_logs();
  void pause();
  void begin_reload();
  void begin_upgrade();
  void go_on_with_upgrade();

  void act(const Spawn& action);
  void act(const Dump& action);
  void act(const Kill& action);
  void act(const Died& action);
  void act(const Replaced& action);
  void act(const Stays& action);
  void act(const Announce& action);
  void act(const Reloaded& action);
  void act(const Unready& action);
  void act(const StopListening& action);
  void act(const Finish& action);

  void take_requests();
  void on_request(const ControlRequest& request);
  void answer_reloads(const Reloaded& reloaded);
  void refuse_waiting();
  bool has_surplus() const;
  ServiceStatus status();
  WorkerStatus worker_status(int id, LatencyBuckets& latency);
  static void look_up_memory(WorkerProcess& worker);

  WorkerStart start_of(int id, int seat) const;
  WorkerStart template_start(int channel) const;
  void take_clones();
  void take_over(const Handover& predecessor);
  Handover to_leave() const;
  void became_ready(int seat, WorkerProcess& worker);
  void not_started(int seat, const ExitStatus& status,
                   const std::string& reason);
  void bury(int seat, const ExitStatus& status);
  std::optional<Finding> judge(int seat, WorkerProcess& worker,
                               Clock::time_point now) const;
  void count_restart(int id, RestartCause cause);
  std::string ready_line() const;
  void write_ready_file();
  void tell_readiness();
  void reap_adopted();

  const ServePlan& plan_;
  std::vector<Bound> listeners_;
  WorkerCommand command_;
  Signals signals_;
  Descriptor ready_fd_;
  OwnedFile ready_file_;
  SystemdNotifier systemd_;
  StatsChannel stats_;
  Scoreboard scoreboard_;
  Workers workers_;
  Preloader preloader_;
  std::map<int, std::string> obituaries_;  ///< of seats, until they are told
  std::minstd_rand random_;
  SupervisorPolicy policy_;
  std::deque<Event> events_;
  std::optional<ServeResult> result_;
  std::optional<Upgrade> upgrade_;
  bool may_execute_ = false;  ///< the upgrade, as soon as nothing goes on
  std::uint64_t oom_kills_ = 0;
  Clock::time_point next_look_ = Clock::time_point::max();
  Clock::time_point reload_began_{};
  bool adopts_;          ///< the processes that others leave behind
  int stop_signal_ = 0;  ///< what workers are stopped with

  ControlPlane control_;
  Clock::time_point began_ = Clock::now();
  OverflowCount overflows_;
  bool announced_ = false;  ///< at least once all were ready
  std::optional<ReloadStatus> last_reload_;
  std::vector<std::uint64_t> reload_tickets_;  ///< of those who wait for it
  std::optional<ControlRequest> scaling_;      ///< who waits for that
};

}  // namespace launch
