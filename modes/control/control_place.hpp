#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "modes/supervisor/listener.hpp"

namespace launch {

/// Where the control socket of a service is.
struct ControlPlace {
  std::string path;
  /// In the default folder, which is made if need be; and no control socket
  /// there is no reason not to serve.
  bool is_default = false;

  bool operator==(const ControlPlace&) const = default;
};

/// `runtime_folder`/launch if that one is given, else /tmp/launch-UID.
std::string default_control_folder(
    const std::optional<std::string>& runtime_folder, uid_t user);

/// That of the service with that pid.
std::string control_path(const std::string& folder, pid_t service);

/// Why a socket cannot have that path, as the end of a sentence; or empty.
std::string fault_of_control_path(const std::string& path);

/// Listens there with permissions 0600. Throws std::runtime_error with one
/// sentence; so it does when the default folder is another user's, or open to
/// others.
Bound open_control_socket(const ControlPlace& place);

/// The control sockets in `folder` on which somebody listens, in their order.
std::vector<std::string> living_control_sockets(const std::string& folder);

}  // namespace launch
