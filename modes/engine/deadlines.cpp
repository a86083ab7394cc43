#include "modes/engine/deadlines.hpp"

#include <algorithm>
#include <limits>

namespace launch {

Pace pace_of(milliseconds time, std::uint64_t rate) {
  // Beyond it, a count modulo 2^32 could not tell progress from a step back.
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  const double bytes = to_seconds(time) * static_cast<double>(rate);
  return {time, static_cast<std::uint32_t>(std::clamp(bytes, 1.0, kMost))};
}

Patience patience_of(const EngineLimits& limits) {
  return {
      .keep_alive = limits.time(Limit::keep_alive_time),
      .keep_alive_drain = limits.time(Limit::keep_alive_drain),
      .head = limits.time(Limit::header_time),
      .body = pace_of(limits.time(Limit::body_time), limits[Limit::body_rate]),
      .write =
          pace_of(limits.time(Limit::write_time), limits[Limit::write_rate])};
}

milliseconds allowed(Waiting waiting, const Patience& patience) {
  // A client that connected just before the stop has its request on the way.
  constexpr milliseconds kLastRequest{1000};
  // Long enough for a refused client to read the refusal.
  constexpr milliseconds kRefused{2000};
  switch (waiting) {
    case Waiting::first:
      return patience.stopping ? kLastRequest : patience.keep_alive;
    case Waiting::request:
      return patience.stopping ? patience.keep_alive_drain
                               : patience.keep_alive;
    case Waiting::head:
      return patience.head;
    case Waiting::body:
      return patience.body.time;
    case Waiting::handler:
      return milliseconds::max();
    case Waiting::client:
      return patience.write.time;
    case Waiting::end:
    case Waiting::late:
      return kRefused;
  }
  return kRefused;
}

bool expired(Waiting waiting, std::int32_t ticks, const Patience& patience) {
  return seconds{ticks - 1} >= allowed(waiting, patience);
}

bool keeps_pace(Waiting waiting, std::uint32_t progress, std::uint32_t mark,
                const Patience& patience) {
  if (waiting != Waiting::body && waiting != Waiting::client) return false;
  const Pace& pace = waiting == Waiting::body ? patience.body : patience.write;
  // What one thread counts and another reads may seem to step back.
  const auto gained = static_cast<std::int32_t>(progress - mark);
  return gained >= 0 && static_cast<std::uint32_t>(gained) >= pace.bytes;
}

}  // namespace launch
