#pragma once

#include <cstdint>

#include "modes/base/clock.hpp"
#include "modes/engine/connection.hpp"

namespace launch {

/// How long a connection may wait, by what it waits for.
struct Patience {
  milliseconds keep_alive;
  milliseconds read;
  milliseconds write;
  bool stopping = false;
};

/// How long `waiting` may last; max() means for ever.
milliseconds allowed(Waiting waiting, const Patience& patience);

/// Whether it has surely lasted longer than that, `ticks` ticks of a second
/// after the tick in which it began: the first of them may have come at once,
/// so a wait is up to a second longer than allowed and never shorter.
bool expired(Waiting waiting, std::int32_t ticks, const Patience& patience);

}  // namespace launch
