#include "modes/control/control_plane.hpp"

#include <algorithm>
#include <stdexcept>

#include "modes/log.hpp"

namespace launch {
namespace {

/// The status tells who calls and with what: no business of every local user.
constexpr ListenOptions kAdminOptions{.backlog = 128, .unix_mode = 0660};

std::vector<Bound> open_admin(const ControlPlan& plan) {
  std::vector<Bound> listeners = listen_on_all(plan.admin_binds, kAdminOptions);
  for (const Bound& bound : listeners)
    log_info("Health, status and metrics on {}", bound.url);
  return listeners;
}

std::vector<Bound> open_control(const ControlPlan& plan) {
  std::vector<Bound> listeners;
  if (!plan.socket) return listeners;
  try {
    listeners.push_back(open_control_socket(*plan.socket));
    log_debug("Control socket on {}", listeners.back().url);
  } catch (const std::runtime_error& error) {
    if (!plan.socket->is_default) throw;
    log_warning("There is no control socket for launch ctl: {}", error.what());
  }
  return listeners;
}

}  // namespace

ControlPlane::ControlPlane(const ControlPlan& plan)
    : admin_(open_admin(plan)), control_(open_control(plan)) {}

ControlPlane open_control_plane(const ControlPlan& plan, bool is_successor) {
  if (!is_successor) return ControlPlane{plan};
  try {
    return ControlPlane{plan};
  } catch (const std::runtime_error& error) {
    log_error("The service cannot be watched or controlled: {}", error.what());
    return ControlPlane{{}};
  }
}

void ControlPlane::add_to(std::vector<pollfd>& polled) {
  admin_.add_to(polled);
  control_.add_to(polled);
}

void ControlPlane::serve(std::span<const pollfd> polled,
                         const std::function<ServiceStatus()>& status,
                         Clock::time_point now) {
  admin_.serve(polled, status, now);
  control_.serve(polled, status, now);
}

Clock::time_point ControlPlane::deadline() const {
  return std::min(admin_.deadline(), control_.deadline());
}

}  // namespace launch
