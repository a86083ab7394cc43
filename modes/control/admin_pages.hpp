#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "modes/control/status.hpp"
#include "modes/http/request_head.hpp"

namespace launch {

/// What a path of the admin server shows.
struct AdminPage {
  int status = 200;
  std::string_view type = "text/plain; charset=utf-8";
  std::string body;
};

struct AdminPageRow {
  std::string_view path;
  std::string_view summary;
  AdminPage (*show)(const ServiceStatus& status);
};

AdminPage show_index(const ServiceStatus& status);
AdminPage show_live(const ServiceStatus& status);
AdminPage show_ready(const ServiceStatus& status);
AdminPage show_status(const ServiceStatus& status);
AdminPage show_metrics(const ServiceStatus& status);

/// All there are; docs/control.md is checked against them.
inline constexpr std::array kAdminPages{
    AdminPageRow{"/", "this list", show_index},
    AdminPageRow{"/health/live", "200, or 503 when it must be restarted",
                 show_live},
    AdminPageRow{"/health/ready",
                 "200, or 503 and the state while it takes no new clients",
                 show_ready},
    AdminPageRow{"/status", "the service and its workers as JSON", show_status},
    AdminPageRow{"/metrics", "the same for Prometheus", show_metrics},
};

/// The whole response to one request, after which the connection ends. `date`
/// is a whole line. Asks for the status only if the answer needs it.
std::string admin_response(const RequestHead& request, std::string_view date,
                           const std::function<ServiceStatus()>& status);

}  // namespace launch
