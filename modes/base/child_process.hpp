#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/base/identity.hpp"

namespace launch {

/// One descriptor of ours that the child gets under a number of its own.
struct InheritedDescriptor {
  int fd = -1;      ///< here
  int number = -1;  ///< there; 0, 1, 2 redirect the standard streams
};

/// What to start. Every other descriptor is closed in the child, its signal
/// mask is empty and every signal has its default action.
struct ChildSpec {
  std::vector<std::string> argv;  ///< argv[0] with a '/', or found in PATH
  std::vector<InheritedDescriptor> descriptors{};
  /// Applied to our own environment: "NAME=value" sets, "NAME" removes.
  std::vector<std::string> environment{};
  /// Sent to the child when the starting *thread* ends; 0 for none.
  int death_signal = 0;
  bool own_session = false;  ///< setsid(): no terminal, no Ctrl+C from it
  /// setpgid(): the terminal's Ctrl+C reaches us and not the child.
  bool own_process_group = false;
  /// As whom it runs, from before its program is even started; only for root.
  std::optional<Identity> identity{};
};

/// How a child ended.
struct ExitStatus {
  int code = 0;    ///< of exit(), when signal is 0
  int signal = 0;  ///< that ended it, else 0

  bool success() const { return code == 0 && signal == 0; }
};

/// "SIGKILL", or "signal 41" for one without a name.
std::string signal_name(int number);

/// "exit code 3" or "signal 9 (SIGKILL)".
std::string to_string(const ExitStatus& status);

/// A started process. Passive: the owner waits on `pidfd()` (readable once the
/// process ended) and then calls `reap()`. The destructor kills (SIGKILL) and
/// reaps a process that still runs, so that no path leaves one behind. Nobody
/// else in the program may wait for children.
class ChildProcess {
 public:
  /// Throws std::system_error naming the program when it cannot be started.
  explicit ChildProcess(const ChildSpec& spec);
  /// A child that this process started before it executed the program that it
  /// runs now. Throws std::system_error when there is none.
  static ChildProcess take_over(pid_t pid);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }

  /// Does nothing once the process is reaped.
  void signal(int number) const;

  /// The status if the process has ended; never blocks. The same answer is
  /// given again on later calls.
  std::optional<ExitStatus> reap();

  /// Waits for the end up to `limit`.
  std::optional<ExitStatus> wait_for(milliseconds limit);

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;
  Descriptor pidfd_;
  std::optional<ExitStatus> status_;
};

}  // namespace launch
