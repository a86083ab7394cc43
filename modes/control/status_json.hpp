#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "modes/control/status.hpp"

namespace launch {

/// One JSON object on one line, without a line break. What is not known is
/// left out; text that is no UTF-8 shows as U+FFFD.
std::string to_json(const ServiceStatus& status);

/// What to_json() wrote; members that are missing keep their default, unknown
/// ones are passed over. Nothing when `text` is no such object.
std::optional<ServiceStatus> parse_status(std::string_view text);

}  // namespace launch
