// What a supervisor does, as its policy says.

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include "modes/log.hpp"
#include "modes/supervisor/supervisor.hpp"

namespace launch {

WorkerStart Supervisor::start_of(int id, int seat) const {
  auto environment = worker_environment(plan_.process);
  environment.push_back(fmt::format("LAUNCH_WORKER_ID={}", id));
  return {.argv = command_(id, seat),
          .environment = std::move(environment),
          .identity = plan_.process.identity,
          .scoreboard = scoreboard_.fd(),
          .listeners = descriptors_of(listeners_)};
}

void Supervisor::act(const Spawn& action) {
  scoreboard_.take_seat(action.seat, action.id);
  obituaries_.erase(action.seat);
  if (plan_.supervision.preload)
    return preloader_.want(action.id, action.seat, policy_.reloading());
  try {
    workers_.try_emplace(action.seat, action.id,
                         start_of(action.id, action.seat));
    workers_.at(action.seat).generation = policy_.generation();
  } catch (const std::runtime_error& error) {
    constexpr ExitStatus kNotStarted{127, 0};
    not_started(action.seat, kNotStarted, error.what());
  }
}

WorkerStart Supervisor::template_start(int channel) const {
  constexpr int kNone = 0;
  WorkerStart start = start_of(kNone, kNone);
  start.argv.emplace_back("--template");
  start.channel = channel;
  return start;
}

/// Fed with the events that come next.
void Supervisor::not_started(int seat, const ExitStatus& status,
                             const std::string& reason) {
  obituaries_[seat] =
      "could not be started: " + (reason.empty() ? to_string(status) : reason);
  scoreboard_.leave_seat(seat);
  events_.emplace_back(Exited{seat, status, reason});
}

void Supervisor::act(const Dump& action) {
  if (const auto worker = workers_.find(action.seat); worker != workers_.end())
    worker->second.signal(SIGUSR2);
}

void Supervisor::act(const Kill& action) {
  const auto found = workers_.find(action.seat);
  if (found == workers_.end()) {
    if (!preloader_.forget(action.seat)) return;
    scoreboard_.leave_seat(action.seat);
    events_.emplace_back(
        Exited{action.seat, {0, action.signal}, action.reason});
    return;
  }
  const WorkerProcess& killed = found->second;
  if (!action.reason.empty())
    log_warning("Ending worker {} [pid {}] with {}: {}", killed.id(),
                killed.pid(), signal_name(action.signal), action.reason);
  scoreboard_.seat(action.seat).pid = 0;
  const bool polite = action.signal == SIGTERM && policy_.stopping();
  killed.signal(polite && stop_signal_ != 0 ? stop_signal_ : action.signal);
}

void Supervisor::count_restart(int id, RestartCause cause) {
  scoreboard_.totals(id).restarts[static_cast<std::size_t>(cause)] += 1;
}

void Supervisor::act(const Died& action) {
  count_restart(action.id, action.cause);
  const auto obituary = obituaries_.extract(action.seat);
  const std::string what = obituary.empty() ? "is given up" : obituary.mapped();
  const std::string when = action.delay.count() == 0
                               ? ""
                               : fmt::format(" in {} ms", action.delay.count());
  log_warning("Worker {} {}; replacing it{}", action.id, what, when);
}

void Supervisor::act(const Replaced& action) {
  count_restart(action.id, action.cause);
  log_info("Worker {} is replaced: {}", action.id, to_string(action.cause));
}

void Supervisor::act(const Stays& action) {
  log_warning(
      "The successor of worker {} did not get ready: {}; worker {} serves on, "
      "the next attempt is in {} ms",
      action.id, action.reason, action.id, action.delay.count());
}

void Supervisor::act(const Announce&) {
  announced_ = true;
  announce_addresses(listeners_);
  for (const std::string& warning : plan_.warnings) log_warning("{}", warning);
  tell_readiness();
  write_ready_file();
  if (!ready_fd_) return;
  const std::string line = ready_line();
  if (::write(ready_fd_.get(), line.data(), line.size()) !=
      static_cast<ssize_t>(line.size()))
    log_warning("The ready line could not be written: {}",
                std::generic_category().message(errno));
  ready_fd_.reset();
}

std::string Supervisor::ready_line() const {
  std::vector<ReadyWorker> ready;
  for (int id = 1; id <= policy_.workers(); ++id)
    ready.push_back({id, scoreboard_.sums(id).pid});
  return ready_json(plan_.mode.name, listeners_, ready) + '\n';
}

void Supervisor::write_ready_file() {
  try {
    if (ready_file_.wanted()) ready_file_.write(ready_line());
  } catch (const std::system_error& error) {
    log_warning("The ready file {}", error.what());
  }
}

void Supervisor::tell_readiness() {
  if (policy_.stopping()) return;
  systemd_.notify_ready(
      fmt::format("serving, {} workers wanted", policy_.workers()));
}

void Supervisor::act(const Reloaded& action) {
  tell_readiness();
  answer_reloads(action);
  if (!action.error.empty()) {
    preloader_.drop_next();
    log_error("The reload failed, the old workers serve on: {}", action.error);
    return;
  }
  preloader_.adopt_next();
  write_ready_file();
  log_info("Reloaded in {:.1f} s: every worker is new",
           to_seconds(Clock::now() - reload_began_));
}

void Supervisor::act(const Unready&) {
  if (plan_.drain_delay.count() > 0)
    log_info("Serving for another {} ms, for balancers to notice",
             plan_.drain_delay.count());
}

/// The workers take what is queued; later ones would wait for nobody.
void Supervisor::act(const StopListening&) {
  refuse_waiting();
  refuse_new_connections(listeners_);
}

void Supervisor::act(const Finish& action) { result_ = action.result; }

}  // namespace launch
