#pragma once

#include <signal.h>

#include <optional>

#include "modes/base/descriptor.hpp"

namespace launch {

/// SIGINT and SIGTERM as something to poll, while it lives. Both are blocked
/// in this thread and in those that it starts later, so make it before any
/// other thread.
class StopSignals {
 public:
  /// Throws std::system_error.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Readable while a signal waits.
  int fd() const { return fd_.get(); }

  /// The next signal that came, if any; never blocks.
  std::optional<int> next();

 private:
  sigset_t signals_{};
  sigset_t before_{};
  Descriptor fd_;
};

}  // namespace launch
