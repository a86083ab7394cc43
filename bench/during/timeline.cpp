#include "bench/during/timeline.hpp"

#include <algorithm>

namespace launch::bench {

std::size_t Timeline::index_of(State state) {
  switch (state) {
    case State::before:
      return 0;
    case State::during:
      return 1;
    default:
      return 2;
  }
}

void Timeline::close_phase(Clock::time_point at) {
  const State open = state_.load();
  if (open != State::idle) ends_[index_of(open)] = at;
}

void Timeline::begin(Phase phase, Clock::time_point at) {
  close_phase(at);
  const auto index = static_cast<std::size_t>(phase);
  begins_[index] = ends_[index] = at;
  constexpr std::array kStates{State::before, State::during, State::after};
  state_ = kStates[index];
}

void Timeline::end(Clock::time_point at) {
  close_phase(at);
  state_ = State::draining;
}

void Timeline::cut(Clock::time_point at) {
  close_phase(at);
  state_ = State::cut;
}

void Timeline::on_answer(Clock::time_point at, int status,
                         Clock::duration took) {
  const State state = state_.load(std::memory_order_acquire);
  const bool good = status < 400;
  const Clock::time_point last = last_answer_;
  if (good && state != State::draining) last_answer_ = at;
  if (state == State::idle || state == State::cut) return;

  PhaseRecord& record = records_[index_of(state)];
  if (!good) {
    ++record.lost.bad_answer;
    return;
  }
  ++record.answered;
  record.response_time_us.record(static_cast<std::uint64_t>(
      std::chrono::duration_cast<microseconds>(took).count()));
  if (state == State::draining) return;
  last_answers_[index_of(state)] = at;
  const Clock::time_point silent_since =
      last == Clock::time_point{} ? begins_.front() : last;
  record.longest_gap = std::max(record.longest_gap, at - silent_since);
}

void Timeline::on_failure(Clock::time_point, ErrorKind kind) {
  const State state = state_.load(std::memory_order_acquire);
  if (state == State::idle || state == State::cut) return;
  PhaseRecord& record = records_[index_of(state)];
  if (!record.lost.count(kind)) ++record.unsent;
}

std::array<PhaseRecord, kPhases> Timeline::records() const {
  std::array<PhaseRecord, kPhases> records = records_;
  Clock::time_point silent_since = begins_.front();
  for (std::size_t i = 0; i < kPhases; ++i) {
    if (ends_[i] == Clock::time_point{}) continue;
    records[i].duration_s = to_seconds(ends_[i] - begins_[i]);
    // The silence that no answer had ended by then.
    silent_since = std::max(silent_since, last_answers_[i]);
    records[i].longest_gap =
        std::max(records[i].longest_gap, ends_[i] - silent_since);
  }
  return records;
}

}  // namespace launch::bench
