#pragma once

#include <optional>
#include <string>
#include <vector>

#include "modes/base/child_process.hpp"
#include "modes/base/clock.hpp"
#include "modes/supervisor/handover.hpp"

namespace launch {

/// Replaces the program of this process by what is at its path now, in two
/// steps: a child runs the new one with our own command line, only to say
/// whether it could take over; then it is executed in our place.
class Upgrade {
 public:
  static constexpr seconds kPatience{30};

  /// Starts the check. Throws std::system_error.
  explicit Upgrade(std::string program, std::vector<std::string> arguments);

  /// Readable once the check has ended.
  int pidfd() const { return check_.pidfd(); }
  /// When take_verdict() must be called at the latest.
  Clock::time_point deadline() const { return deadline_; }

  /// Whether the new program can take over, once that is known; a check that
  /// takes too long is ended.
  std::optional<bool> take_verdict(Clock::time_point now);

  /// Executes it. Returns only when that is not possible: the reason.
  std::string execute(const Handover& handover) const;

 private:
  std::string program_;
  std::vector<std::string> arguments_;
  ChildProcess check_;
  Clock::time_point deadline_;
};

/// The path of the running program, also when another file has it by now.
std::string upgraded_program();

/// Our own command line.
std::vector<std::string> own_arguments();

}  // namespace launch
