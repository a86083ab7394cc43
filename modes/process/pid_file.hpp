#pragma once

#include <string>

#include "modes/process/owned_file.hpp"

namespace launch {

/// Writes this process's pid to `path`, as "123\n". The file of a process that
/// is gone, or that began only after the file was written, is replaced. Throws
/// std::runtime_error with one sentence when the process that it names lives,
/// when it is no pid file, or when it cannot be written. An empty path wants no
/// file.
OwnedFile claim_pid_file(const std::string& path);

}  // namespace launch
