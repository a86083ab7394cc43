#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modes/base/descriptor.hpp"
#include "modes/supervisor/listener.hpp"

namespace launch {

/// What a supervisor leaves to the program that replaces it in its process.
/// Descriptors are numbers that both know.
struct Handover {
  /// Raised whenever what stands below gets another meaning.
  static constexpr int kVersion = 1;

  struct Listener {
    int fd = -1;
    std::string url{};
    std::uint16_t port = 0;
    bool inherited = false;
    std::string file{};  ///< of a Unix socket that we bound; else empty
  };
  struct Process {
    int seat = 0;
    int id = 0;
    int pid = 0;
    bool leaving = false;
  };

  std::vector<Listener> listeners;
  int scoreboard = -1;
  int stats = -1;
  int workers = 1;
  std::vector<Process> processes;
};

std::string to_json(const Handover& handover);
/// Throws std::runtime_error when the text is none, or of another version.
Handover parse_handover(const std::string& text);

/// Where a program finds it: the number of a descriptor, or check_only().
inline constexpr const char* kHandoverVariable = "LAUNCH_HANDOVER";
/// The program is only to say whether it could take over what is left in our
/// version.
std::string check_only();

/// A file in memory that holds it, and survives exec().
Descriptor store(const Handover& handover);

/// What a program is started for.
struct HandoverRequest {
  bool check_only = false;
  Handover handover{};  ///< else
};

/// What the predecessor in this process left or asks, if there is one; removes
/// the variable. Throws std::runtime_error when that cannot be done.
std::optional<HandoverRequest> take_handover();

/// The listeners as they are handed over, and back.
std::vector<Handover::Listener> to_hand_over(
    const std::vector<Bound>& listeners);
std::vector<Bound> take_over(const std::vector<Handover::Listener>& listeners);

/// Sets or clears close-on-exec.
void keep_on_exec(int fd, bool keep);

}  // namespace launch
