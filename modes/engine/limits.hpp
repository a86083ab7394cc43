#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modes/base/clock.hpp"
#include "modes/http/message_framer.hpp"

namespace launch {

class HostedServer;

/// What a client may send, how long it may take, and how much a worker takes
/// on at once. The order is that of kLimits.
enum class Limit : std::size_t {
  target,
  head,
  fields,
  body,
  header_time,
  body_time,
  body_rate,
  keep_alive_time,
  keep_alive_drain,
  write_time,
  write_rate,
  request_time,
  requests,
  connections,
  in_progress,
  compress_min,
};

/// Says how a value is written, and what its number counts.
enum class LimitUnit {
  bytes,  ///< "64K": bytes
  rate,   ///< "500": bytes per second
  count,  ///< "100"
  time,   ///< "20s": milliseconds
};

struct LimitRow {
  std::string_view name;         ///< of the flag, behind its dashes
  std::string_view environment;  ///< the variable that is read without it
  LimitUnit unit;
  std::uint64_t preset;  ///< unless the app or the user sets another
  std::uint64_t most;    ///< the least is 1
  std::string_view help;
  std::string_view setter = {};  ///< with which an app sets it, if it can
};

inline constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;
inline constexpr std::uint64_t kMostCount = 1'000'000'000;
inline constexpr std::uint64_t kMostMilliseconds = 24ull * 3600 * 1000;

/// From this table come the flags, the variables, the output of `launch check`
/// and what a worker is told; docs/limits.md is checked against it.
inline constexpr std::array kLimits{
    // What std::regex matches costs it about 520 bytes of stack per character.
    LimitRow{"max-target", "LAUNCH_MAX_TARGET", LimitUnit::bytes, 8192, 8192,
             "Longest target of a request, else 414"},
    LimitRow{"max-head", "LAUNCH_MAX_HEAD", LimitUnit::bytes, 65'536,
             std::uint64_t{1} << 24,
             "Longest head, request line and fields together, else 431"},
    LimitRow{"max-fields", "LAUNCH_MAX_FIELDS", LimitUnit::count, 100, 100'000,
             "Most header fields of a request, else 431"},
    LimitRow{"max-body", "LAUNCH_MAX_BODY", LimitUnit::bytes, 8u << 20,
             kMostBytes, "Largest body of a request, else 413",
             "set_payload_max_length"},
    // Four segments lost in a row are sent again after 1, 2, 4 and 8 s.
    LimitRow{"header-timeout", "LAUNCH_HEADER_TIMEOUT", LimitUnit::time, 20'000,
             kMostMilliseconds,
             "From the first byte of a request to the end of its head, else "
             "408"},
    LimitRow{"body-timeout", "LAUNCH_BODY_TIMEOUT", LimitUnit::time, 30'000,
             kMostMilliseconds,
             "In each such time a body must come at --min-body-rate or end, "
             "else 408",
             "set_read_timeout"},
    LimitRow{"min-body-rate", "LAUNCH_MIN_BODY_RATE", LimitUnit::rate, 500,
             kMostCount,
             "Bytes per second that a client must send of a body, on average "
             "over --body-timeout"},
    LimitRow{"keep-alive-timeout", "LAUNCH_KEEP_ALIVE_TIMEOUT", LimitUnit::time,
             75'000, kMostMilliseconds,
             "A connection without a request is closed after it",
             "set_keep_alive_timeout"},
    // Behind most balancers a kept connection is used again within seconds.
    LimitRow{"keep-alive-drain", "LAUNCH_KEEP_ALIVE_DRAIN", LimitUnit::time,
             3'000, kMostMilliseconds,
             "How long a worker that leaves waits for one more request on a "
             "kept connection, which its answer then ends"},
    LimitRow{"write-timeout", "LAUNCH_WRITE_TIMEOUT", LimitUnit::time, 30'000,
             kMostMilliseconds,
             "In each such time a client must take its answer at "
             "--min-write-rate, else it is cut",
             "set_write_timeout"},
    LimitRow{"min-write-rate", "LAUNCH_MIN_WRITE_RATE", LimitUnit::rate, 500,
             kMostCount,
             "Bytes per second that a client must take of an answer, on "
             "average over --write-timeout"},
    LimitRow{"request-timeout", "LAUNCH_REQUEST_TIMEOUT", LimitUnit::time,
             kMostMilliseconds, kMostMilliseconds,
             "How long a handler may take on one of several --threads, else "
             "504 is answered in its place"},
    LimitRow{"max-requests-per-connection",
             "LAUNCH_MAX_REQUESTS_PER_CONNECTION", LimitUnit::count, 1'000'000,
             kMostCount, "A connection is closed after so many requests",
             "set_keep_alive_max_count"},
    LimitRow{"max-connections", "LAUNCH_MAX_CONNECTIONS", LimitUnit::count,
             16'384, kMostCount,
             "Open connections of a worker; more wait unaccepted until one "
             "closes"},
    LimitRow{"max-in-progress", "LAUNCH_MAX_IN_PROGRESS", LimitUnit::count,
             4096, kMostCount,
             "Requests that a worker has in progress; more are answered 503"},
    LimitRow{"compress-min", "LAUNCH_COMPRESS_MIN", LimitUnit::bytes, 1024,
             kMostBytes,
             "Smallest answer that is compressed where its client takes that"},
};

constexpr const LimitRow& row_of(Limit limit) {
  return kLimits[static_cast<std::size_t>(limit)];
}

/// The limits that the user set, in the order of kLimits.
using LimitSettings = std::array<std::optional<std::uint64_t>, kLimits.size()>;

/// The limits that hold, in the units of their rows.
class EngineLimits {
 public:
  /// What the user set wins over what the app set, and that over the preset.
  EngineLimits(const LimitSettings& settings, const HostedServer& server);

  std::uint64_t operator[](Limit limit) const {
    return values_[static_cast<std::size_t>(limit)];
  }
  milliseconds time(Limit limit) const { return milliseconds{(*this)[limit]}; }
  FramingLimits framing() const;

 private:
  std::uint64_t& value(Limit limit) {
    return values_[static_cast<std::size_t>(limit)];
  }

  std::array<std::uint64_t, kLimits.size()> values_{};
};

/// As a user writes it, in the largest unit that divides it: "64K", "20s".
std::string limit_text(LimitUnit unit, std::uint64_t value);

}  // namespace launch
