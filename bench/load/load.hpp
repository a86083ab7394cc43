#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/load/observer.hpp"
#include "modes/base/clock.hpp"
#include "modes/base/histogram.hpp"

namespace launch::bench {

/// One kind of request of a mix.
struct RequestKind {
  std::string method = "GET";
  std::string target = "/";  ///< path and query
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  double weight = 1.0;  ///< share among the kinds of the mix
};

/// What to send, where, and for how long. Closed loop: each connection sends
/// its next request as soon as the previous answer is complete, or after a
/// pause.
struct LoadPlan {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::vector<RequestKind> mix;
  int connections = 64;
  /// Else every request has a connection of its own, and asks the server to
  /// close it.
  bool keep_alive = true;
  /// The longest pause of a connection between an answer and its next request;
  /// each is drawn evenly between none and this.
  milliseconds pause{0};
  milliseconds warmup{250};      ///< load without recording
  milliseconds duration{1000};   ///< the measured interval
  milliseconds timeout{10'000};  ///< from the send to the complete answer
  /// Ask for answers without pause rather than sleep: for a generator with a
  /// core of its own, whose waking then costs the server nothing.
  bool polls = false;
  /// At the end, wait for the answers to what was sent, up to their time-outs,
  /// rather than leave them.
  bool drains = false;
  std::uint64_t seed = 1;  ///< of the order of the mix, and of the pauses
};

/// Requests that got no good answer, by kind. Never part of the throughput.
struct LoadErrors {
  std::uint64_t connect = 0;
  std::uint64_t read = 0;  ///< closed or broken in the middle, bad HTTP
  std::uint64_t write = 0;
  std::uint64_t timeout = 0;  ///< no complete answer within the time-out
  std::uint64_t status = 0;   ///< complete, but not 2xx or 3xx

  std::uint64_t total() const {
    return connect + read + write + timeout + status;
  }
};

/// What happened between the start and the end of the measured interval.
struct LoadResult {
  std::uint64_t requests = 0;  ///< complete good answers
  double duration_s = 0;       ///< as it really was
  /// Of those requests, from the send (without keep-alive, from the beginning
  /// of the connection) to the last byte.
  Histogram response_time_us;
  LoadErrors errors;
  std::map<int, std::uint64_t> statuses;  ///< of every complete answer
  std::string first_error;     ///< in words, with what was received; or empty
  double generator_cpu_s = 0;  ///< user + system of the loading thread
  double generator_run_delay_s = 0;  ///< runnable, but not running
  double generator_idle_s = 0;       ///< asleep, or stolen by the host
  bool interrupted = false;          ///< cancelled before its end

  double requests_per_second() const {
    return duration_s > 0 ? static_cast<double>(requests) / duration_s : 0;
  }
};

/// Called on the loading thread at the edges of the measured interval, so
/// that what is read of the server belongs to exactly these requests.
struct LoadHooks {
  std::function<void()> on_begin;
  std::function<void()> on_end;
  LoadObserver* observer = nullptr;  ///< of all outcomes, the warm-up's too
};

/// Runs the plan on the calling thread. Setting `*cancelled` (from a signal
/// handler, say) ends it within 100 ms. Throws std::invalid_argument when the
/// plan makes no sense (no mix, no connections) and std::system_error when the
/// generator itself cannot work (no descriptors).
LoadResult run_load(const LoadPlan& plan, const LoadHooks& hooks = {},
                    const std::atomic<bool>* cancelled = nullptr);

}  // namespace launch::bench
