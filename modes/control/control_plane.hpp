#pragma once

#include <poll.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/control/admin_server.hpp"
#include "modes/control/control_place.hpp"
#include "modes/control/control_server.hpp"
#include "modes/control/status.hpp"
#include "modes/supervisor/address.hpp"

namespace launch {

/// How a service is watched and controlled from outside.
struct ControlPlan {
  std::string version{};  ///< that the service shows
  std::vector<Address> admin_binds{};
  std::optional<ControlPlace> socket{};  ///< none: no control socket
};

/// The admin server and the control socket, for the loop that runs a service:
/// in each turn add_to(), poll until deadline(), serve(), then take() and in
/// time reply().
class ControlPlane {
 public:
  /// Binds what the plan says, and logs where. Throws std::runtime_error with
  /// one sentence; a default control socket that cannot be is a warning only.
  explicit ControlPlane(const ControlPlan& plan);

  void add_to(std::vector<pollfd>& polled);
  void serve(std::span<const pollfd> polled,
             const std::function<ServiceStatus()>& status,
             Clock::time_point now = Clock::now());
  Clock::time_point deadline() const;

  std::vector<ControlRequest> take() { return control_.take(); }
  void reply(std::uint64_t ticket, bool ok, std::string_view message) {
    control_.reply(ticket, ok, message);
  }

 private:
  AdminServer admin_;
  ControlServer control_;
};

/// The same for the successor of a service that runs on in this process: what
/// cannot be opened again is told, and ends nothing.
ControlPlane open_control_plane(const ControlPlan& plan, bool is_successor);

}  // namespace launch
