#pragma once

#include <optional>
#include <string>
#include <vector>

#include "modes/base/identity.hpp"

namespace launch {

/// How the server stands among other processes of the machine.
struct ProcessPlan {
  std::string env_file{};              ///< read for each worker; empty: none
  std::string pid_file{};              ///< empty: none
  std::string ready_file{};            ///< empty: none
  std::optional<Identity> identity{};  ///< of what runs the app
};

/// What is different in the environment of a process that runs the app, fit for
/// ChildSpec: without what systemd tells us alone, with what the environment
/// file says by now. Throws EnvFileError.
std::vector<std::string> worker_environment(const ProcessPlan& plan);

/// Makes this process one that may run the app: its environment, then its
/// identity. Throws EnvFileError or std::system_error.
void prepare_for_app(const ProcessPlan& plan);

}  // namespace launch
