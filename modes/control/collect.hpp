#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "modes/control/status.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/seat.hpp"

// From what a service counts to what it shows.

namespace launch {

/// Adds what a process of the worker counted, and shows what it does.
void add_seat(const Seat& seat, WorkerStatus& worker, LatencyBuckets& latency);

/// Adds what those processes of the worker counted that are gone.
void add_totals(const SlotTotals& totals, WorkerStatus& worker,
                LatencyBuckets& latency);

/// Of each, in their order. The kernel does not tell the queue of a Unix
/// socket: it shows as 0 of 0.
std::vector<ListenerStatus> listener_statuses(
    const std::vector<Bound>& listeners);

/// ListenOverflows of a /proc/net/netstat; nothing when it has none.
std::optional<std::uint64_t> parse_listen_overflows(std::string_view text);

/// Connections that the kernel turned away since this was made.
class OverflowCount {
 public:
  OverflowCount();
  std::optional<std::uint64_t> now() const;

 private:
  std::optional<std::uint64_t> before_;
};

}  // namespace launch
