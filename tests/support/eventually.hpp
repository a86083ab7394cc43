#pragma once

#include <poll.h>

#include <functional>

#include "modes/base/clock.hpp"

/// Far more than anything here takes; only a failing test waits as long.
inline constexpr launch::milliseconds kLongest{30'000};

/// Whether `condition` comes true before kLongest is over.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = launch::Clock::now() + kLongest;
  while (!condition()) {
    if (launch::Clock::now() > deadline) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

/// Whether `fd` becomes readable before kLongest is over.
inline bool becomes_readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(kLongest.count())) == 1;
}
