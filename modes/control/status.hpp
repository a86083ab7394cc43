#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modes/supervisor/restart_cause.hpp"

// How a running service is doing: plain values, filled by whoever runs it, and
// shown by `/status`, `/metrics` and `launch ctl`.

namespace launch {

/// How often one worker was replaced, by the cause, since the service started.
class RestartCounts {
 public:
  std::uint64_t& operator[](RestartCause cause) {
    return counts_[static_cast<std::size_t>(cause)];
  }
  std::uint64_t operator[](RestartCause cause) const {
    return counts_[static_cast<std::size_t>(cause)];
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  bool operator==(const RestartCounts&) const = default;

 private:
  std::array<std::uint64_t, kRestartCauses.size()> counts_{};
};

/// One worker, by its index, whichever process fills it now. What is counted
/// goes on over the deaths of its processes.
struct WorkerStatus {
  int id = 1;                  ///< counts from 1
  int pid = 0;                 ///< 0: no process now
  std::string state = "down";  ///< "starting", "ready", "leaving" or "down"
  double uptime_s = 0;         ///< of this process
  int generation = 0;          ///< of the service when it started
  int threads = 1;
  int busy_threads = 0;
  std::uint64_t requests = 0;    ///< answered
  std::uint64_t accepted = 0;    ///< connections
  std::uint64_t bytes_sent = 0;  ///< to clients
  std::int64_t connections = 0;  ///< open now
  std::int64_t in_progress = 0;  ///< requests that are being answered
  std::optional<std::uint64_t> pss_bytes{};
  RestartCounts restarts{};
  std::string request{};  ///< the one that is longest in progress; "" if none

  bool operator==(const WorkerStatus&) const = default;
};

struct ListenerStatus {
  std::string address{};
  std::uint32_t queued = 0;       ///< connections that wait to be accepted
  std::uint32_t queue_limit = 0;  ///< more of them are turned away

  bool operator==(const ListenerStatus&) const = default;
};

/// The upper bounds of LatencyBuckets, in seconds; the last bucket has none.
inline constexpr std::array kLatencyBoundsInSeconds{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};

/// How long requests took, from their first byte to the end of the answer.
struct LatencyBuckets {
  /// Of each bucket alone: those of the smaller ones are not in it.
  std::array<std::uint64_t, kLatencyBoundsInSeconds.size() + 1> counts{};
  double sum_s = 0;

  std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t bucket : counts) sum += bucket;
    return sum;
  }
  bool operator==(const LatencyBuckets&) const = default;
};

struct ReloadStatus {
  bool ok = true;
  std::string error{};  ///< one sentence unless ok

  bool operator==(const ReloadStatus&) const = default;
};

/// The whole service.
struct ServiceStatus {
  std::string version{};
  std::string mode{};
  int pid = 0;
  /// "starting", "ready", "reloading" or "stopping"
  std::string state = "starting";
  bool ready = false;  ///< a balancer may send it clients
  bool live = true;    ///< it need not be killed
  double uptime_s = 0;
  int workers_wanted = 0;
  int generation = 0;  ///< one more with each reload that was asked for
  std::vector<WorkerStatus> workers{};
  std::vector<ListenerStatus> listeners{};
  LatencyBuckets latency{};
  /// Connections that the kernel turned away since the start, because a queue
  /// was full: of all sockets in this network namespace.
  std::optional<std::uint64_t> listen_overflows{};
  std::optional<ReloadStatus> last_reload{};

  bool operator==(const ServiceStatus&) const = default;
};

}  // namespace launch
