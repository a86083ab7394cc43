#include "bench/load/recorder.hpp"

#include <utility>

namespace launch::bench {

bool Recorder::count_answer(int status, Clock::duration took) {
  ++statuses_[static_cast<std::size_t>(status)];
  if (status >= 400) return false;
  ++requests_;
  response_time_us_.record(static_cast<std::uint64_t>(
      std::chrono::duration_cast<microseconds>(took).count()));
  return true;
}

void Recorder::count_failure(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::refused:
    case ErrorKind::unsent:
    case ErrorKind::connect:
      ++errors_.connect;
      return;
    case ErrorKind::closed:
    case ErrorKind::read:
      ++errors_.read;
      return;
    case ErrorKind::write:
      ++errors_.write;
      return;
    case ErrorKind::timeout:
      ++errors_.timeout;
  }
}

void Recorder::clear() {
  requests_ = 0;
  response_time_us_.clear();
  errors_ = {};
  statuses_.fill(0);
  first_error_.clear();
}

void Recorder::move_into(LoadResult& result) {
  result.requests = requests_;
  result.response_time_us.clear();
  result.response_time_us.merge(response_time_us_);
  result.errors = errors_;
  result.statuses.clear();
  for (std::size_t status = 0; status < statuses_.size(); ++status)
    if (statuses_[status] > 0)
      result.statuses[static_cast<int>(status)] = statuses_[status];
  result.first_error = std::move(first_error_);
  clear();
}

}  // namespace launch::bench
