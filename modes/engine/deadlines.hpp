#pragma once

#include <cstdint>

#include "modes/base/clock.hpp"
#include "modes/engine/connection.hpp"
#include "modes/engine/limits.hpp"

namespace launch {

/// How fast a message must go on: in each `time` by `bytes` at least. One that
/// only drips fails as one that stands still does.
struct Pace {
  milliseconds time;
  std::uint32_t bytes = 1;
};

/// `rate` in bytes per second.
Pace pace_of(milliseconds time, std::uint64_t rate);

/// How long a connection may wait, by what it waits for.
struct Patience {
  milliseconds keep_alive;
  milliseconds keep_alive_drain{3'000};  ///< instead, while stopping
  milliseconds head;
  Pace body;
  Pace write;
  milliseconds handler = milliseconds::max();  ///< where handlers are timed
  bool stopping = false;
};

Patience patience_of(const EngineLimits& limits);

/// How long `waiting` may last; max() means for ever.
milliseconds allowed(Waiting waiting, const Patience& patience);

/// Whether it has surely lasted longer than that, `ticks` ticks of a second
/// after the tick in which it began: the first of them may have come at once,
/// so a wait is up to a second longer than allowed and never shorter.
bool expired(Waiting waiting, std::int32_t ticks, const Patience& patience);

/// Whether what is waited for went on enough for its time to begin again.
/// `progress` and `mark` count its bytes, modulo 2^32, now and when the time
/// began.
bool keeps_pace(Waiting waiting, std::uint32_t progress, std::uint32_t mark,
                const Patience& patience);

}  // namespace launch
