#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace launch {

/// Why a worker was replaced. In the order of kRestartCauses.
enum class RestartCause {
  crash,          ///< it ended by itself, whatever its exit code
  signal,         ///< a signal ended it that was not ours
  out_of_memory,  ///< the kernel killed it for memory
  hang,           ///< neither its loop nor any handler thread went on
  boot_timeout,   ///< it did not get ready in time
  max_requests,
  max_lifetime,
  max_memory,
  reload,
};

struct RestartCauseRow {
  RestartCause cause;
  std::string_view name;  ///< in metrics, JSON and the log
};

inline constexpr std::array kRestartCauses{
    RestartCauseRow{RestartCause::crash, "crash"},
    RestartCauseRow{RestartCause::signal, "signal"},
    RestartCauseRow{RestartCause::out_of_memory, "out_of_memory"},
    RestartCauseRow{RestartCause::hang, "hang"},
    RestartCauseRow{RestartCause::boot_timeout, "boot_timeout"},
    RestartCauseRow{RestartCause::max_requests, "max_requests"},
    RestartCauseRow{RestartCause::max_lifetime, "max_lifetime"},
    RestartCauseRow{RestartCause::max_memory, "max_memory"},
    RestartCauseRow{RestartCause::reload, "reload"},
};

constexpr std::string_view to_string(RestartCause cause) {
  return kRestartCauses[static_cast<std::size_t>(cause)].name;
}

}  // namespace launch
