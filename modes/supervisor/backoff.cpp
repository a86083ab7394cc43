#include "modes/supervisor/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace launch {

Backoff::Backoff(int workers, const Rules& rules, unsigned seed)
    : rules_(rules), random_(seed) {
  resize(workers);
}

void Backoff::died(int id, bool was_healthy, bool any_healthy) {
  int& deaths = slot(id).deaths;
  deaths = was_healthy ? 1 : deaths + 1;
  deaths_ = any_healthy ? 1 : deaths_ + 1;
}

milliseconds Backoff::delay(int id, Clock::time_point now) {
  Slot& slot = this->slot(id);
  const int failures = std::max(slot.deaths - 1, deaths_ - workers());
  if (failures <= 0) {
    slot.may_start = now;
    return milliseconds{0};
  }
  milliseconds delay = rules_.first;
  for (int i = 1; i < failures && delay < rules_.longest; ++i) delay *= 2;
  delay = std::min(delay, rules_.longest);
  std::uniform_real_distribution<double> more(1, 1 + rules_.jitter);
  const double spread = static_cast<double>(delay.count()) * more(random_);
  last_ = slot.may_start =
      std::max(now, last_) + milliseconds{std::lround(spread)};
  return std::chrono::ceil<milliseconds>(slot.may_start - now);
}

Clock::time_point Backoff::next_start(Clock::time_point now) const {
  auto next = Clock::time_point::max();
  for (const Slot& slot : slots_)
    if (slot.may_start > now) next = std::min(next, slot.may_start);
  return next;
}

}  // namespace launch
