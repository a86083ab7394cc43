#include "modes/engine/deadlines.hpp"

namespace launch {

milliseconds allowed(Waiting waiting, const Patience& patience) {
  // A client that connected just before the stop has its request on the way.
  constexpr milliseconds kLastRequest{1000};
  // Long enough for a refused client to read the refusal.
  constexpr milliseconds kRefused{2000};
  switch (waiting) {
    case Waiting::first:
    case Waiting::request:
      return patience.stopping ? kLastRequest : patience.keep_alive;
    case Waiting::rest:
      return patience.read;
    case Waiting::handler:
      return milliseconds::max();
    case Waiting::client:
      return patience.write;
    case Waiting::end:
      return kRefused;
  }
  return kRefused;
}

bool expired(Waiting waiting, std::int32_t ticks, const Patience& patience) {
  return seconds{ticks - 1} >= allowed(waiting, patience);
}

}  // namespace launch
