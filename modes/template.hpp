#pragma once

#include "modes/base/descriptor.hpp"
#include "modes/worker.hpp"

namespace launch {

/// The process of `--preload`: loads the app once, tells `links.supervisor`
/// that it is ready or why not, and then makes a worker of itself for each
/// order that comes on `channel`: a clone that shares its memory until one of
/// them writes to it. It has no event loop and no threads; start-up hooks run
/// in the clones.
///
/// Returns in the template when the supervisor has closed `channel`, and in
/// each clone what run_worker() returns.
ServeResult run_template(WorkerPlan plan, WorkerLinks links,
                         Descriptor channel);

}  // namespace launch
