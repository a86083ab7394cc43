#pragma once

#include <string>

#include "launch/app.hpp"

namespace launch {

struct AppSpec;

/// Reads the library that `spec` names, checks its record, maps a private copy
/// and returns its entry, which stays valid until the process ends. Static
/// constructors run here. Throws AppError.
AppEntry* open_app_library(const AppSpec& spec);

}  // namespace launch
