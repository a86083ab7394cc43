#pragma once

#include "modes/base/clock.hpp"

namespace launch::bench {

/// Why there was no complete answer.
enum class ErrorKind {
  refused,  ///< nobody listens
  unsent,   ///< no local port was left: the server never heard of it
  connect,  ///< any other failure to connect
  closed,   ///< closed or reset before the end of the answer
  read,     ///< what came is no HTTP answer
  write,    ///< closed or reset before the request was out
  timeout,  ///< no complete answer within the time-out
};

/// Told of every outcome when it happens, on the loading thread.
class LoadObserver {
 public:
  virtual ~LoadObserver() = default;

  /// A complete answer, `took` after its request was sent.
  virtual void on_answer(Clock::time_point at, int status,
                         Clock::duration took) = 0;

  /// A request, or an attempt to connect, that led to no complete answer.
  virtual void on_failure(Clock::time_point at, ErrorKind kind) = 0;
};

}  // namespace launch::bench
