#pragma once

#include <optional>
#include <string>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/control/control_message.hpp"

namespace launch {

/// A connection to the control socket `path`; none, with errno, when nobody
/// listens there or this user may not connect.
Descriptor connect_to_control(const std::string& path);

/// The asking end of a control socket.
class ControlClient {
 public:
  /// Waits for an answer as long as it takes, or at most `patience`. Throws
  /// std::runtime_error with one sentence when it cannot connect.
  explicit ControlClient(const std::string& path,
                         std::optional<milliseconds> patience = {});

  /// The answer to `command`. Throws std::runtime_error with one sentence when
  /// the service ends meanwhile, takes too long or answers something else.
  ControlAnswer ask(const ControlCommand& command);

  /// Until the service is gone.
  void wait_for_end();

 private:
  bool receive_some();

  std::string path_;
  Descriptor fd_;
  std::string unread_;
};

}  // namespace launch
