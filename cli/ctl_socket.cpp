#include "cli/ctl_socket.hpp"

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "modes/control/control_place.hpp"

namespace launch::cli {

std::string find_control_socket(const CtlTarget& target,
                                const std::string& folder) {
  if (target.control) return *target.control;
  if (target.pid) return control_path(folder, *target.pid);
  const auto living = living_control_sockets(folder);
  if (living.empty())
    throw std::runtime_error(
        fmt::format("no service of this user is running: there is no control "
                    "socket in {} (name another one with --control PATH)",
                    folder));
  if (living.size() == 1) return living.front();
  std::string pids;
  for (const std::string& path : living)
    pids += fmt::format("{}{}", pids.empty() ? "" : ", ",
                        std::filesystem::path(path).stem().string());
  throw UsageError(
      fmt::format("{} services are running, with the pids {}: choose one with "
                  "--pid PID",
                  living.size(), pids));
}

}  // namespace launch::cli
