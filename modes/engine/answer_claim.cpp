#include "modes/engine/answer_claim.hpp"

namespace launch {

void AnswerClaim::begin(std::uint32_t tick, bool head_only) {
  head_only_.store(head_only, std::memory_order_relaxed);
  // From 1 to below 2^31, which is the lower half of neither constant.
  serial_ = serial_ % 0x7fff'ffffu + 1;
  claim_.store(std::uint64_t{tick} << 32 | serial_, std::memory_order_release);
}

bool AnswerClaim::take() {
  return claim_.exchange(kNobodys, std::memory_order_acq_rel) != kExpired;
}

bool AnswerClaim::expire(std::uint32_t now, milliseconds allowed) {
  std::uint64_t claim = claim_.load(std::memory_order_acquire);
  if (claim == kNobodys || claim == kExpired) return false;
  const auto ticks =
      static_cast<std::int32_t>(now - static_cast<std::uint32_t>(claim >> 32));
  // The first tick may have come at once.
  if (seconds{ticks - 1} < allowed) return false;
  return claim_.compare_exchange_strong(claim, kExpired,
                                        std::memory_order_acq_rel);
}

}  // namespace launch
