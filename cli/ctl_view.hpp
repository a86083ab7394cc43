#pragma once

#include <optional>
#include <string>

#include "modes/control/status.hpp"

// What `launch ctl` shows. Text of clients appears with \xNN for all that could
// act on a terminal.

namespace launch::cli {

/// `width` in columns; 0: as wide as it takes.
std::string status_text(const ServiceStatus& status, std::size_t width);
std::string workers_text(const ServiceStatus& status, std::size_t width);

/// A frame of `ctl top`: what happened since `before`, the frame before it.
std::string top_text(const ServiceStatus& status,
                     const std::optional<ServiceStatus>& before,
                     std::size_t width);

/// Its first lines, so that they fit into `height`, and how many are left out.
std::string cut_to_height(const std::string& text, std::size_t height);

}  // namespace launch::cli
