#pragma once

#include <functional>
#include <string>
#include <vector>

#include "modes/serve.hpp"

namespace launch {

/// The argv that starts worker `id` at its seat.
using WorkerCommand = std::function<std::vector<std::string>(int id, int seat)>;

/// `program __worker --app ... --id N --seat N ...`: all that a worker must
/// know of `plan`, apart from the descriptors that it inherits.
std::vector<std::string> worker_argv(const ServePlan& plan,
                                     const std::string& program, int id,
                                     int seat);

/// The file that this process runs, so that a worker runs the same and shows
/// its name; "/proc/self/exe" when that file was removed or replaced.
std::string own_program();

}  // namespace launch
