#pragma once

#include <optional>
#include <string>

namespace launch::cli {

/// Which service `launch ctl` is to talk to, as it was typed.
struct CtlTarget {
  std::optional<std::string> control;
  std::optional<int> pid;
};

/// The path of its control socket; without a choice, that of the only service
/// in `folder`. Throws std::runtime_error when there is none, and UsageError
/// that lists them when there are several.
std::string find_control_socket(const CtlTarget& target,
                                const std::string& folder);

}  // namespace launch::cli
