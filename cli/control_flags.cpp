#include "cli/control_flags.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include "cli/bind_flags.hpp"
#include "cli/command.hpp"

namespace launch::cli {

void add_control_flags(CLI::App& app, ControlFlags& flags) {
  app.add_option("--admin", flags.admin_binds,
                 "Where to serve health, status and metrics, written as for "
                 "--bind, as in --admin 127.0.0.1:9000; repeatable; default: "
                 "nowhere")
      ->allow_extra_args(false)
      ->option_text("ADDRESS");
  app.add_option("--control", flags.control,
                 "Control socket for launch ctl, as in --control "
                 "/run/orders/control.sock; none: without one; default: "
                 "PID.sock in $XDG_RUNTIME_DIR/launch or in /tmp/launch-UID")
      ->envname("LAUNCH_CONTROL")
      ->option_text("PATH");
}

std::string control_folder(const Environment& environment) {
  return default_control_folder(environment("XDG_RUNTIME_DIR"), ::geteuid());
}

ControlPlan control_plan(const ControlFlags& flags,
                         const Environment& environment, pid_t self) {
  ControlPlan plan{.version = LAUNCH_VERSION};
  plan.admin_binds = parse_addresses("--admin", flags.admin_binds);
  if (!flags.control) {
    plan.socket = {control_path(control_folder(environment), self), true};
  } else if (*flags.control != kNoControl) {
    if (const std::string fault = fault_of_control_path(*flags.control);
        !fault.empty())
      throw UsageError(
          fmt::format("--control: \"{}\": {}", *flags.control, fault));
    plan.socket = {*flags.control, false};
  }
  return plan;
}

}  // namespace launch::cli
