#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>

#include "bench/load/connection.hpp"
#include "bench/load/load.hpp"

namespace launch::bench {

/// Counts what happens in one interval. Recording allocates nothing;
/// `describe`, which puts an error into words, is called for the first only.
class Recorder {
 public:
  /// A complete answer, `took` after its request was sent.
  void answered(int status, Clock::duration took,
                const std::invocable auto& describe) {
    if (count_answer(status, took)) return;
    ++errors_.status;
    if (first_error_.empty()) first_error_ = describe();
  }

  /// A request, or an attempt to connect, that led to no complete answer.
  void failed(ErrorKind kind, const std::invocable auto& describe) {
    count_failure(kind);
    if (first_error_.empty()) first_error_ = describe();
  }

  void clear();

  /// Moves what was counted into `result` and leaves nothing here.
  void move_into(LoadResult& result);

 private:
  /// False when `status` is neither 2xx nor 3xx.
  bool count_answer(int status, Clock::duration took);
  void count_failure(ErrorKind kind);

  std::uint64_t requests_ = 0;
  Histogram response_time_us_;
  LoadErrors errors_;
  std::array<std::uint64_t, 1000> statuses_{};
  std::string first_error_;
};

}  // namespace launch::bench
