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

SupervisorPolicy::SupervisorPolicy(int workers, const RestartRules& rules)
    : rules_(rules) {
  if (workers < 1) throw std::invalid_argument("a fleet without workers");
  workers_.resize(static_cast<std::size_t>(workers));
}

std::vector<Action> SupervisorPolicy::on(const Event& event,
                                         Clock::time_point now) {
  std::visit([&](const auto& e) { on_event(e, now); }, event);
  return std::exchange(actions_, {});
}

Clock::time_point SupervisorPolicy::deadline() const {
  auto earliest = kNever;
  for (const Worker& worker : workers_)
    earliest = std::min(earliest, worker.due);
  return earliest;
}

void SupervisorPolicy::on_event(const Ready& event, Clock::time_point now) {
  Worker& ready = worker(event.id);
  if (ready.state != State::starting) return;
  ready.state = State::ready;
  ready.due = kNever;
  ready.ready_since = now;
  ever_ready_ = true;
  const bool all = std::ranges::all_of(
      workers_, [](const Worker& w) { return w.state == State::ready; });
  if (!all || announced_) return;
  announced_ = true;
  actions_.emplace_back(Announce{});
}

void SupervisorPolicy::on_event(const Exited& event, Clock::time_point now) {
  Worker& dead = worker(event.id);
  if (stopping_) {
    dead.state = State::down;
    dead.due = kNever;
    finish_if_empty();
    return;
  }
  const bool was_healthy = healthy(dead, now);
  const bool any_healthy = std::ranges::any_of(
      workers_, [&](const Worker& w) { return healthy(w, now); });
  dead.deaths = was_healthy ? 1 : dead.deaths + 1;
  deaths_ = any_healthy ? 1 : deaths_ + 1;
  dead.state = State::down;
  dead.due = kNever;

  const int limit =
      rules_.deaths_per_worker * static_cast<int>(workers_.size());
  if (!ever_ready_ && event.status.signal == 0 &&
      event.status.code == rules_.app_failed_exit_code) {
    const std::string untold = fmt::format(
        "the application could not be started in worker {}; its reason stands "
        "above",
        event.id);
    stop_all(
        {Outcome::app_failed, event.reason.empty() ? untold : event.reason},
        now);
  } else if (deaths_ >= limit) {
    stop_all({Outcome::crash_loop,
              fmt::format("gave up after {} deaths of workers in a row, the "
                          "last of worker {} with {}; the lines above say "
                          "what each of them died of",
                          deaths_, event.id, to_string(event.status))},
             now);
  } else {
    replace(dead, event.status, now);
  }
}

void SupervisorPolicy::on_event(const StopAsked&, Clock::time_point now) {
  if (!stopping_) {
    stop_all({Outcome::stopped, ""}, now);
    return;
  }
  for (Worker& worker : workers_) {  // asked twice: wait no longer
    if (worker.state != State::stopping || worker.due == kNever) continue;
    worker.due = kNever;
    actions_.emplace_back(Kill{id_of(worker), SIGKILL, "a second signal came"});
  }
}

void SupervisorPolicy::on_event(const Tick&, Clock::time_point now) {
  for (Worker& worker : workers_)
    if (worker.due <= now) end_wait(worker, now);
}

SupervisorPolicy::Worker& SupervisorPolicy::worker(int id) {
  return workers_.at(static_cast<std::size_t>(id) - 1);
}

int SupervisorPolicy::id_of(const Worker& worker) const {
  return static_cast<int>(&worker - workers_.data()) + 1;
}

bool SupervisorPolicy::healthy(const Worker& worker,
                               Clock::time_point now) const {
  return worker.state == State::ready &&
         now - worker.ready_since >= rules_.healthy_after;
}

milliseconds SupervisorPolicy::backoff_after(int deaths) const {
  if (deaths <= 1) return milliseconds{0};
  milliseconds delay = rules_.first_backoff;
  for (int i = 2; i < deaths && delay < rules_.longest_backoff; ++i) delay *= 2;
  return std::min(delay, rules_.longest_backoff);
}

/// The state of `worker` has lasted as long as it may.
void SupervisorPolicy::end_wait(Worker& worker, Clock::time_point now) {
  if (worker.state == State::down) {
    worker.state = State::starting;
    worker.due = now + rules_.boot_timeout;
    actions_.emplace_back(Spawn{id_of(worker)});
    return;
  }
  const bool booting = worker.state == State::starting;
  worker.due = kNever;  // SIGKILL cannot be ignored: only Exited is left
  actions_.emplace_back(Kill{
      id_of(worker), SIGKILL,
      fmt::format(
          "it did not {} within {} ms", booting ? "get ready" : "stop",
          (booting ? rules_.boot_timeout : rules_.graceful_timeout).count())});
}

void SupervisorPolicy::replace(Worker& worker, const ExitStatus& status,
                               Clock::time_point now) {
  const milliseconds delay = backoff_after(worker.deaths);
  worker.due = now + delay;
  actions_.emplace_back(Replace{id_of(worker), status, delay});
  if (worker.due <= now) end_wait(worker, now);
}

void SupervisorPolicy::stop_all(ServeResult result, Clock::time_point now) {
  stopping_ = true;
  result_ = std::move(result);
  for (Worker& worker : workers_) {
    if (worker.state == State::down) {
      worker.due = kNever;
      continue;
    }
    worker.state = State::stopping;
    worker.due = now + rules_.graceful_timeout + rules_.kill_margin;
    actions_.emplace_back(Kill{id_of(worker), SIGTERM, ""});
  }
  finish_if_empty();
}

void SupervisorPolicy::finish_if_empty() {
  const bool empty = std::ranges::all_of(
      workers_, [](const Worker& w) { return w.state == State::down; });
  if (empty) actions_.emplace_back(Finish{result_});
}

}  // namespace launch
