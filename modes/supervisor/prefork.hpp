#pragma once

#include "modes/outcome.hpp"
#include "modes/serve.hpp"
#include "modes/supervisor/handover.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/worker_command.hpp"

namespace launch {

/// The supervisor: keeps `plan.shape.workers` workers as `launch __worker ...`
/// on the inherited listeners, does what signals ask for, tells
/// `plan.ready_fd` when all are ready, and answers `plan.stats_fd`; it closes
/// both. Returns when the last worker is gone. The one waiter for children and
/// owner of the signals of kSignals, which the calling thread has blocked
/// meanwhile.
///
/// A worker's seat on the scoreboard shows its pid from when it is ready until
/// it is asked to leave, so that siblings compare themselves only with workers
/// that accept.
///
/// `predecessor` is what another supervisor left that ran in this process;
/// `command` starts something else than a worker of this program, for tests.
ServeResult run_prefork(const ServePlan& plan, std::vector<Bound> listeners,
                        const std::optional<Handover>& predecessor = {},
                        const WorkerCommand& command = {});

}  // namespace launch
