#pragma once

#include <atomic>
#include <cstdint>

#include "modes/base/clock.hpp"

namespace launch {

/// Who answers the request at hand: its handler or, where that takes too long,
/// the sweep of another thread. Exactly one of them does.
class AnswerClaim {
 public:
  /// Before the handler runs, in its thread, at that tick of a second.
  void begin(std::uint32_t tick, bool head_only);

  /// Before its answer is sent, in the same thread: whether it may be.
  bool take();

  /// By the sweep, at tick `now`: whether the handler has surely run for longer
  /// than `allowed`, which means that the caller answers in its place.
  bool expire(std::uint32_t now, milliseconds allowed);

  /// Of the request that expire() was true for: it was a HEAD.
  bool head_only() const { return head_only_; }

 private:
  static constexpr std::uint64_t kNobodys = 0;
  static constexpr std::uint64_t kExpired = ~std::uint64_t{0};

  /// The tick in the upper half and a number of the request in the lower one,
  /// so that the sweep cannot mean one request and hit the next.
  std::atomic<std::uint64_t> claim_{kNobodys};
  std::uint32_t serial_ = 0;             ///< of the thread that serves
  std::atomic<bool> head_only_ = false;  ///< set before claim_
};

}  // namespace launch
