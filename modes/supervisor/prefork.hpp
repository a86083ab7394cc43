#pragma once

#include "modes/base/descriptor.hpp"
#include "modes/outcome.hpp"
#include "modes/serve.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/worker_command.hpp"

namespace launch {

/// Numbers under which a worker finds what it inherits. High, so that they do
/// not meet descriptors that the start of a process needs for itself.
inline constexpr int kWorkerReadyFd = 201;
inline constexpr int kWorkerScoreboardFd = 202;
inline constexpr int kWorkerListenerFd = 210;  ///< the first of them

/// The supervisor: starts `plan.shape.workers` workers as `launch __worker ...`
/// on the inherited listeners, replaces those that die, tells `plan.ready_fd`
/// when all are ready, and answers `plan.stats_fd`; it closes both. Returns
/// when the last worker is gone. The one waiter for children and owner of
/// SIGINT and SIGTERM, which the calling thread has blocked meanwhile.
///
/// A worker's slot of the scoreboard shows its pid from ready to death, so
/// that siblings compare themselves only with workers that accept.
///
/// `command` starts something else than a worker of this program, for tests.
ServeResult run_prefork(const ServePlan& plan, std::vector<Bound> listeners,
                        const WorkerCommand& command = {});

}  // namespace launch
