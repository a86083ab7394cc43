#pragma once

#include <optional>

#include "modes/control/control_client.hpp"

namespace launch::cli {

/// The live view of a service, drawn anew each second: on a terminal until q,
/// Ctrl+C or SIGTERM, elsewhere as one plain frame after the other; in both
/// for `times` frames if that is given. Throws as ControlClient::ask() does
/// when the service ends.
void run_top(ControlClient& service, std::optional<int> times);

}  // namespace launch::cli
