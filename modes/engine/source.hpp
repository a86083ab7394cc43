#pragma once

#include <cstdint>

#include "modes/base/descriptor.hpp"

namespace launch {

/// Something that an engine waits for: what a Poller reports is one of these.
struct Source {
  enum class Kind : std::uint8_t {
    connection,
    listener,
    ticks,     ///< a second has passed
    resume,    ///< accepting may go on
    stop,      ///< a graceful end begins
    finished,  ///< every thread leaves
  };

  explicit constexpr Source(Kind k) : kind(k) {}

  Kind kind;
};

/// A timer or an event of an engine.
struct WakeUp : Source {
  WakeUp(Kind k, Descriptor descriptor)
      : Source(k), fd(std::move(descriptor)) {}

  Descriptor fd;
};

}  // namespace launch
