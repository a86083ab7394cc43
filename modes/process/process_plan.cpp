#include "modes/process/process_plan.hpp"

#include <system_error>

#include "modes/process/env_file.hpp"
#include "modes/process/systemd_notifier.hpp"

namespace launch {

std::vector<std::string> worker_environment(const ProcessPlan& plan) {
  std::vector<std::string> changes(kNotifyVariables.begin(),
                                   kNotifyVariables.end());
  if (plan.env_file.empty()) return changes;
  const auto variables = read_env_file(plan.env_file);
  changes.insert(changes.end(), variables.begin(), variables.end());
  return changes;
}

void prepare_for_app(const ProcessPlan& plan) {
  change_environment(worker_environment(plan));
  if (!plan.identity) return;
  if (const int error = become(*plan.identity); error != 0)
    throw std::system_error(error, std::generic_category(),
                            "the user or group cannot be changed");
}

}  // namespace launch
