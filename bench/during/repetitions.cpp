#include "bench/during/repetitions.hpp"

#include <signal.h>

#include <algorithm>

#include <fmt/core.h>

namespace launch::bench {
namespace {

constexpr milliseconds kLook{10};

}  // namespace

Failure Repetitions::failure(FailureKind kind, std::string reason) const {
  return {contender_.name, kind, std::move(reason)};
}

bool Repetitions::wait_for(const std::function<bool()>& done,
                           Clock::time_point end) {
  while (!done()) {
    if (cancelled_ || stage_.now() >= end) return false;
    stage_.sleep(kLook);
  }
  return true;
}

std::optional<Failure> Repetitions::wait_until(Clock::time_point end) {
  std::optional<std::string> death;
  wait_for([&] { return (death = server_->death()).has_value(); }, end);
  if (death) return failure(FailureKind::death, *death);
  return std::nullopt;
}

std::vector<WorkerCounts> Repetitions::workers() {
  server_->ask_counts();
  return server_->take_counts();
}

std::optional<Failure> Repetitions::repeat(int turn) {
  const Clock::time_point begin = stage_.now();
  Beginning beginning;
  const bool is_restart = plan_.event.act == Act::restart;
  const bool is_told = !contender_.foreign && !is_restart;
  if (is_told) {
    beginning.workers = workers();
    if (beginning.workers.empty())
      return failure(FailureKind::event, "it does not say who its workers are");
  }
  if (auto failed = act(turn, beginning)) return failed;
  if (contender_.foreign && !is_restart) return await_foreign(beginning, begin);
  if (is_told) {
    if (auto failed = await_own(beginning)) return failed;
    if (!cancelled_) took_us_.push_back(to_seconds(stage_.now() - begin) * 1e6);
  }
  return wait_until(stage_.now() + plan_.own_spacing);
}

std::optional<Failure> Repetitions::act(int turn, Beginning& beginning) {
  switch (plan_.event.act) {
    case Act::signal:
      stage_.signal(server_->pid(), plan_.event.signal);
      break;
    case Act::scale:
      beginning.change = turn % 2 == 0 ? 1 : -1;
      stage_.signal(server_->pid(), turn % 2 == 0 ? SIGTTIN : SIGTTOU);
      break;
    case Act::kill_worker:
    case Act::stop_worker:
      return strike(turn, beginning);
    case Act::restart:
      return restart();
    case Act::wait:
      break;
  }
  return std::nullopt;
}

// A worker is stopped before it is killed: what it holds then is what it holds
// when it dies.
std::optional<Failure> Repetitions::strike(int turn, Beginning& beginning) {
  if (contender_.foreign)
    for (const pid_t pid : stage_.children(server_->pid()))
      beginning.workers.push_back({.pid = pid});
  beginning.victim = worker_in_turn(beginning.workers, turn);
  if (beginning.victim == 0)
    return failure(
        FailureKind::event,
        fmt::format("it has no worker process to {}",
                    plan_.event.act == Act::kill_worker ? "kill" : "stop"));
  stage_.freeze(beginning.victim);
  held_ += stage_.held(beginning.victim, server_->port())
               .value_or(static_cast<std::uint64_t>(plan_.connections));
  if (plan_.event.act == Act::kill_worker)
    stage_.signal(beginning.victim, SIGKILL);
  return std::nullopt;
}

std::optional<Failure> Repetitions::restart() {
  stage_.signal(server_->pid(), plan_.event.signal);
  const bool ended = wait_for([&] { return server_->death().has_value(); },
                              stage_.now() + plan_.repetition_limit);
  if (cancelled_) return std::nullopt;
  if (!ended)
    return failure(FailureKind::event,
                   fmt::format("it did not stop within {} ms",
                               plan_.repetition_limit.count()));
  server_->stop();
  try {
    server_ = stage_.start(contender_, plan_.start_limit);
  } catch (const StartError& error) {
    return failure(
        FailureKind::event,
        fmt::format("it could not be started again: {}", error.what()));
  }
  return std::nullopt;
}

std::optional<Failure> Repetitions::await_own(const Beginning& beginning) {
  std::optional<std::string> death;
  const bool over = wait_for(
      [&] {
        return (death = server_->death()) ||
               is_over(plan_.event.over, beginning, workers());
      },
      stage_.now() + plan_.repetition_limit);
  if (death) return failure(FailureKind::death, *death);
  if (over || cancelled_) return std::nullopt;
  return failure(
      FailureKind::event,
      fmt::format("one {} was not over within {} ms", plan_.event.singular,
                  plan_.repetition_limit.count()));
}

std::optional<Failure> Repetitions::await_foreign(const Beginning& beginning,
                                                  Clock::time_point begin) {
  const Clock::time_point end = begin + plan_.foreign_spacing;
  if (auto failed = wait_until(std::max(end, stage_.now()))) return failed;
  if (plan_.event.act != Act::stop_worker || !stage_.is_alive(beginning.victim))
    return std::nullopt;
  // Else the next turn would find one worker fewer.
  stage_.signal(beginning.victim, SIGCONT);
  notes_.push_back(fmt::format("worker {} was not replaced within {} ms",
                               beginning.victim,
                               plan_.foreign_spacing.count()));
  return std::nullopt;
}

}  // namespace launch::bench
