#include "modes/supervisor/prefork.hpp"

#include <unistd.h>

#include <utility>

#include "modes/log.hpp"
#include "modes/supervisor/supervisor.hpp"

namespace launch {

ServeResult run_prefork(const ServePlan& plan, std::vector<Bound> listeners,
                        const std::optional<Handover>& predecessor,
                        const WorkerCommand& command) {
  const auto own_command = [&plan, program = own_program()](int id, int seat) {
    return worker_argv(plan, program, id, seat);
  };
  log_info("Started parent process [{}]", ::getpid());
  Supervisor supervisor{plan, std::move(listeners),
                        command ? command : WorkerCommand(own_command),
                        predecessor};
  ServeResult result = supervisor.run();
  log_info("Stopping parent process [{}]", ::getpid());
  return result;
}

}  // namespace launch
