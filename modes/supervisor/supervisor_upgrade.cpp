// How a supervisor gives its process, and all that it holds, to another
// program, and what that one makes of it.

#include <csignal>
#include <system_error>

#include "modes/log.hpp"
#include "modes/supervisor/supervisor.hpp"

namespace launch {

void Supervisor::begin_upgrade() {
  if (policy_.stopping() || upgrade_) return;
  try {
    upgrade_.emplace(upgraded_program(), own_arguments());
    log_info("Received SIGUSR2: checking {} before it takes over",
             upgraded_program());
  } catch (const std::system_error& error) {
    log_error("The upgrade failed, everything stays as it is: {}",
              error.what());
  }
}

/// Executes the new program once it said that it can take over, and no worker
/// is about to start: that one could not tell it that it is ready.
void Supervisor::go_on_with_upgrade() {
  if (!may_execute_) {
    const auto verdict = upgrade_->take_verdict(Clock::now());
    if (!verdict) return;
    may_execute_ = *verdict;
    if (!may_execute_)
      log_error(
          "The upgrade failed, everything stays as it is: the new program "
          "refused to take over, its reason stands above");
  }
  if (policy_.stopping() || !may_execute_) {
    upgrade_.reset();
    return;
  }
  if (policy_.starting() || policy_.reloading()) return;
  log_info("Executing {}", upgraded_program());
  preloader_.clear();  // a child that the successor would not know
  const std::string reason = upgrade_->execute(to_leave());
  log_error("The upgrade failed, everything stays as it is: {}", reason);
  upgrade_.reset();
  may_execute_ = false;
}

Handover Supervisor::to_leave() const {
  Handover handover{.listeners = to_hand_over(listeners_),
                    .scoreboard = scoreboard_.fd(),
                    .stats = stats_.fd(),
                    .workers = policy_.workers(),
                    .processes = {}};
  for (const auto& [seat, worker] : workers_)
    handover.processes.push_back({.seat = seat,
                                  .id = worker.id(),
                                  .pid = worker.pid(),
                                  .leaving = scoreboard_.seat(seat).pid == 0});
  return handover;
}

void Supervisor::take_over(const Handover& predecessor) {
  log_info("Took over {} processes", predecessor.processes.size());
  keep_on_exec(scoreboard_.fd(), false);
  keep_on_exec(stats_.fd(), false);
  reload_began_ = Clock::now();
  for (const auto& process : predecessor.processes) {
    try {
      const auto [worker, added] =
          workers_.try_emplace(process.seat, process.id, process.pid);
      worker->second.watch.emplace(plan_.supervision.watch, random_);
      policy_.adopt(process.id, process.seat, process.leaving, Clock::now());
    } catch (const std::system_error&) {
      // Ended and waited for: what it counted is all that is left of it.
      scoreboard_.leave_seat(process.seat);
    }
  }
  write_ready_file();
  if (plan_.supervision.watch.any()) next_look_ = Clock::now();
}

}  // namespace launch
