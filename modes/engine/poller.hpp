#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"

// The kernel's objects that an engine waits with. What throws, throws
// std::system_error.

namespace launch {

/// An epoll instance. A socket that another process shares must be removed
/// before it is closed, or it is reported for ever.
class Poller {
 public:
  Poller();

  /// `source` comes back with each of the `events` of `fd`.
  void add(int fd, std::uint32_t events, void* source);
  /// As add(), but false where it would throw.
  bool try_add(int fd, std::uint32_t events, void* source);
  void change(int fd, std::uint32_t events, void* source);
  void remove(int fd);

  /// Waits for events, without limit; returns how many it stored.
  std::size_t wait(std::span<epoll_event> events) const;

 private:
  Descriptor epoll_;
};

/// A timer that is not yet armed, and an event that was not yet given.
Descriptor make_timer();
Descriptor make_event();

/// Makes `timer` readable after that time, and then each `every` unless 0.
void arm(int timer, nanoseconds after, nanoseconds every = nanoseconds{0});

/// Makes an event readable.
void give(int event);

/// Makes a timer or an event unreadable; false when another thread has.
bool take(int fd);

}  // namespace launch
