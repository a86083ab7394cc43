#include "modes/supervisor/policy.hpp"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

namespace launch {
namespace {

constexpr auto kNever = Clock::time_point::max();

}  // namespace

SupervisorPolicy::SupervisorPolicy(int workers, const RestartRules& rules,
                                   unsigned seed)
    : rules_(rules), backoff_(workers, rules.backoff, seed) {
  if (workers < 1) throw std::invalid_argument("a fleet without workers");
}

std::vector<Action> SupervisorPolicy::on(const Event& event,
                                         Clock::time_point now) {
  std::visit([&](const auto& e) { on_event(e, now); }, event);
  settle(now);
  return std::exchange(actions_, {});
}

void SupervisorPolicy::adopt(int id, int seat, bool leaving,
                             Clock::time_point now) {
  Process process{.id = id};
  process.state = leaving ? State::leaving : State::ready;
  process.ready_since = now;
  process.outdated = reloading_ = !leaving || reloading_;
  if (leaving) process.due = now + rules_.graceful_timeout + rules_.kill_margin;
  processes_.emplace(seat, process);
  ever_ready_ = announced_ = true;
}

bool SupervisorPolicy::complete() const {
  return count(State::ready) >= workers();
}

// --- what happened ---

void SupervisorPolicy::on_event(const Ready& event, Clock::time_point now) {
  Process& successor = processes_.at(event.seat);
  if (successor.state != State::starting) return;
  const auto old = find(successor.id, State::ready);
  successor.state = State::ready;
  successor.due = kNever;
  successor.ready_since = now;
  ever_ready_ = true;
  if (old == processes_.end()) return;
  backoff_.forget(successor.id);
  actions_.emplace_back(Replaced{successor.id, old->second.cause});
  leave(old->first, old->second, now);
}

void SupervisorPolicy::on_event(const Exited& event, Clock::time_point now) {
  const auto found = processes_.find(event.seat);
  if (found == processes_.end()) return;
  const Process dead = found->second;
  processes_.erase(found);
  if (stop_ == Stop::stopping || dead.state == State::leaving ||
      dead.id > workers())
    return;
  if (dead.state == State::starting && has(dead.id, State::ready)) {
    succession_failed(dead,
                      event.reason.empty()
                          ? "it ended with " + to_string(event.status)
                          : event.reason,
                      now);
    return;
  }
  const RestartCause cause = event.out_of_memory ? RestartCause::out_of_memory
                             : event.status.signal != 0 ? RestartCause::signal
                                                        : RestartCause::crash;
  died(dead, event, cause, now);
}

void SupervisorPolicy::on_event(const Hung& event, Clock::time_point now) {
  const auto found = processes_.find(event.seat);
  if (found == processes_.end() || found->second.state != State::ready) return;
  const Process hung = found->second;
  give_up(event.seat, found->second, event.reason, now);
  if (stop_ != Stop::stopping && hung.id <= workers())
    died(hung, {event.seat, {}, ""}, RestartCause::hang, now);
}

void SupervisorPolicy::on_event(const Worn& event, Clock::time_point) {
  const auto found = processes_.find(event.seat);
  if (found == processes_.end()) return;
  Process& worn = found->second;
  if (worn.state != State::ready || worn.outdated) return;
  worn.outdated = true;
  worn.cause = event.cause;
}

void SupervisorPolicy::on_event(const ReloadAsked&, Clock::time_point) {
  if (stopping()) return;
  ++generation_;
  reloading_ = true;
  paused_ = false;
  for (auto& [seat, process] : processes_) {
    process.outdated = true;
    process.cause = RestartCause::reload;
  }
  for (int id = 1; id <= workers(); ++id) backoff_.forget(id);
}

void SupervisorPolicy::on_event(const PauseAsked&, Clock::time_point now) {
  if (stopping()) return;
  if (reloading_) end_reload("the workers were stopped meanwhile");
  paused_ = true;
  for (auto& [seat, process] : processes_)
    if (process.state != State::leaving) leave(seat, process, now);
}

void SupervisorPolicy::on_event(const ScaleAsked& event, Clock::time_point) {
  paused_ = false;
  if (!stopping()) backoff_.resize(std::max(event.workers, 1));
}

void SupervisorPolicy::on_event(const StopAsked& event, Clock::time_point now) {
  if (stop_ == Stop::none && !event.quick && rules_.drain_delay.count() > 0) {
    stop_ = Stop::draining;
    drained_ = now + rules_.drain_delay;
    actions_.emplace_back(Unready{});
  } else if (stop_ != Stop::stopping) {
    stop_all({Outcome::stopped, ""}, event.quick, now);
  } else {
    for (auto& [seat, process] : processes_) {  // asked twice: wait no longer
      if (process.due == kNever) continue;
      process.due = kNever;
      actions_.emplace_back(Kill{seat, SIGKILL, "a second signal came"});
    }
  }
}

void SupervisorPolicy::on_event(const Tick&, Clock::time_point now) {
  if (stop_ == Stop::draining && drained_ <= now)
    stop_all({Outcome::stopped, ""}, false, now);
  for (auto& [seat, process] : processes_)
    if (process.due <= now) end_wait(seat, process, now);
}

// --- who is there ---

SupervisorPolicy::Processes::iterator SupervisorPolicy::find(int id,
                                                             State state) {
  return std::ranges::find_if(processes_, [&](const auto& entry) {
    return entry.second.id == id && entry.second.state == state;
  });
}

int SupervisorPolicy::count(State state) const {
  return static_cast<int>(
      std::ranges::count_if(processes_, [&](const auto& entry) {
        return entry.second.state == state && entry.second.id <= workers();
      }));
}

bool SupervisorPolicy::healthy(const Process& process,
                               Clock::time_point now) const {
  return process.state == State::ready &&
         now - process.ready_since >= rules_.healthy_after;
}

bool SupervisorPolicy::any_healthy(Clock::time_point now) const {
  return std::ranges::any_of(processes_, [&](const auto& entry) {
    return healthy(entry.second, now);
  });
}

// --- what is to be done about it ---

/// Brings the fleet one step nearer to what it should be.
void SupervisorPolicy::settle(Clock::time_point now) {
  if (stop_ == Stop::stopping) {
    if (processes_.empty()) actions_.emplace_back(Finish{result_});
  } else if (!paused_) {
    drop_surplus(now);
    fill_vacancies(now);
    replace_outdated(now);
    note_progress();
  }
  set_deadline(now);
}

/// Workers beyond the wanted number.
void SupervisorPolicy::drop_surplus(Clock::time_point now) {
  for (auto& [seat, process] : processes_)
    if (process.id > workers() && process.state != State::leaving)
      leave(seat, process, now);
}

void SupervisorPolicy::fill_vacancies(Clock::time_point now) {
  for (int id = 1; id <= workers(); ++id) {
    if (count(State::starting) >= rules_.starts_at_once) return;
    if (backoff_.may_start(id, now) && !has(id, State::ready) &&
        !has(id, State::starting))
      spawn(id, now);
  }
}

void SupervisorPolicy::replace_outdated(Clock::time_point now) {
  if (stopping()) return;
  for (int id = 1; id <= workers(); ++id) {
    const auto old = find(id, State::ready);
    if (old == processes_.end() || !old->second.outdated ||
        has(id, State::starting) || !backoff_.may_start(id, now))
      continue;
    const int missing = workers() - count(State::ready);
    if (missing < rules_.max_unavailable) {
      actions_.emplace_back(Replaced{id, old->second.cause});
      leave(old->first, old->second, now);
      spawn(id, now);
    } else if (count(State::starting) == 0) {
      spawn(id, now);
    }
  }
}

void SupervisorPolicy::note_progress() {
  if (!complete()) return;
  if (!std::exchange(announced_, true)) actions_.emplace_back(Announce{});
  const bool outdated = std::ranges::any_of(processes_, [](const auto& entry) {
    return entry.second.state != State::leaving && entry.second.outdated &&
           entry.second.cause == RestartCause::reload;
  });
  if (reloading_ && !outdated) end_reload("");
}

/// What may be done at once is done: only what must wait counts.
void SupervisorPolicy::set_deadline(Clock::time_point now) {
  deadline_ = stop_ == Stop::draining ? drained_ : kNever;
  for (const auto& [seat, process] : processes_)
    deadline_ = std::min(deadline_, process.due);
  if (stop_ == Stop::stopping) return;
  deadline_ = std::min(deadline_, backoff_.next_start(now));
}

void SupervisorPolicy::spawn(int id, Clock::time_point now) {
  int seat = 1;
  while (processes_.contains(seat)) ++seat;
  processes_[seat] = {.id = id, .due = now + rules_.boot_timeout};
  actions_.emplace_back(Spawn{id, seat});
}

void SupervisorPolicy::leave(int seat, Process& process,
                             Clock::time_point now) {
  process.state = State::leaving;
  process.due = now + rules_.graceful_timeout + rules_.kill_margin;
  actions_.emplace_back(Kill{seat, SIGTERM});
}

/// What it holds is lost, if it does not come to itself.
void SupervisorPolicy::give_up(int seat, Process& process,
                               const std::string& reason,
                               Clock::time_point now) {
  process.state = State::leaving;
  process.due = now + rules_.hang_margin;
  actions_.emplace_back(Dump{seat});
  actions_.emplace_back(Kill{seat, SIGTERM, reason});
}

/// The state of a process has lasted as long as it may.
void SupervisorPolicy::end_wait(int seat, Process& process,
                                Clock::time_point now) {
  if (process.state != State::starting) {
    process.due = kNever;  // SIGKILL cannot be ignored: only Exited is left
    actions_.emplace_back(Kill{seat, SIGKILL, "it did not stop in time"});
    return;
  }
  const std::string reason = fmt::format("it did not get ready within {} ms",
                                         rules_.boot_timeout.count());
  give_up(seat, process, reason, now);
  if (has(process.id, State::ready))
    succession_failed(process, reason, now);
  else
    died(process, {seat, {}, reason}, RestartCause::boot_timeout, now);
}

void SupervisorPolicy::succession_failed(const Process& dead,
                                         const std::string& reason,
                                         Clock::time_point now) {
  if (reloading_) {
    end_reload(reason);
    return;
  }
  backoff_.failed(dead.id);
  actions_.emplace_back(Stays{dead.id, reason, backoff_.delay(dead.id, now)});
}

/// With an error, those that were not replaced yet stay as they are.
void SupervisorPolicy::end_reload(const std::string& error) {
  reloading_ = false;
  actions_.emplace_back(Reloaded{error});
  for (auto& [seat, process] : processes_)
    if (process.cause == RestartCause::reload) process.outdated = false;
}

void SupervisorPolicy::died(const Process& dead, const Exited& end,
                            RestartCause cause, Clock::time_point now) {
  const bool was_healthy = healthy(dead, now);
  backoff_.died(dead.id, was_healthy, was_healthy || any_healthy(now));
  if (!ever_ready_ && end.status.signal == 0 &&
      end.status.code == rules_.app_failed_exit_code) {
    const std::string untold = fmt::format(
        "the application could not be started in worker {}; its reason stands "
        "above",
        dead.id);
    stop_all({Outcome::app_failed, end.reason.empty() ? untold : end.reason},
             false, now);
  } else if (backoff_.is_crash_loop()) {
    stop_all({Outcome::crash_loop,
              fmt::format("gave up after {} deaths of workers in a row, the "
                          "last of worker {} ({}); the lines above say what "
                          "each of them died of",
                          backoff_.deaths(), dead.id,
                          cause == RestartCause::hang ||
                                  cause == RestartCause::boot_timeout
                              ? std::string(to_string(cause))
                              : to_string(end.status))},
             false, now);
  } else {
    actions_.emplace_back(Died{dead.id, end.seat, end.status, cause,
                               backoff_.delay(dead.id, now)});
  }
}

void SupervisorPolicy::stop_all(ServeResult result, bool quick,
                                Clock::time_point now) {
  if (stop_ == Stop::none) actions_.emplace_back(Unready{});
  if (reloading_) end_reload("the service was stopped meanwhile");
  stop_ = Stop::stopping;
  result_ = std::move(result);
  actions_.emplace_back(StopListening{});
  for (auto& [seat, process] : processes_) {
    if (process.state == State::leaving && !quick) continue;
    leave(seat, process, now);
    if (!quick) continue;
    std::get<Kill>(actions_.back()).signal = SIGQUIT;
    process.due = now + rules_.kill_margin;
  }
}

}  // namespace launch
