#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modes/base/clock.hpp"

namespace launch {

enum class AccessLogFormat { common, combined, json };

struct AccessLogFormatRow {
  AccessLogFormat format;
  std::string_view name;
  std::string_view summary;
};
inline constexpr std::array kAccessLogFormats{
    AccessLogFormatRow{AccessLogFormat::common, "common",
                       "the Common Log Format"},
    AccessLogFormatRow{AccessLogFormat::combined, "combined",
                       "common with referrer and user agent"},
    AccessLogFormatRow{AccessLogFormat::json, "json",
                       "one JSON object per line"},
};

std::optional<AccessLogFormat> find_access_log_format(std::string_view name);
std::string_view to_string(AccessLogFormat format);

/// A point of the wall clock.
using WallTime = std::chrono::sys_time<microseconds>;

/// One request and its answer. The texts may hold any bytes.
struct AccessEntry {
  WallTime time;          ///< when the request was complete
  seconds utc_offset{0};  ///< of the zone that common and combined show
  std::string_view client_ip;
  int client_port = 0;  ///< 0: not known
  std::string_view scheme = "http";
  std::string_view method;   ///< empty with a malformed request line,
  std::string_view target;   ///< which is all in here
  std::string_view version;  ///< "HTTP/1.1"
  int status = 0;
  std::uint64_t response_bytes = 0;  ///< of the body, as sent
  std::string_view referer;          ///< empty: none
  std::string_view user_agent;       ///< empty: none
  microseconds duration{0};          ///< complete request -> complete response
  int worker = 1;
  std::string_view request_id;
};

/// The entry as one line with its '\n', of printable ASCII alone: nothing that
/// a client sends ends the line, a quoted field or a JSON string, or reaches a
/// terminal as a control sequence.
///
/// common:   IP - - [time] "request line" status bytes us worker id
/// combined: IP - - [time] "request line" status bytes "referer" "agent"
///           us worker id
/// Quotes, backslashes and all that is not printable ASCII become \xNN.
///
/// json: the fields of AccessEntry, see docs/logs.md; in strings, all that is
/// not printable ASCII becomes \uNNNN, and what is no UTF-8 \ufffd.
///
/// A line is never longer than `longest` bytes, at least kShortestLimit: then
/// referrer, user agent, method and, last, the target are cut, which "..."
/// shows at their ends.
inline constexpr std::size_t kShortestLimit = 2048;
std::string format_access(const AccessEntry& entry, AccessLogFormat format,
                          std::size_t longest);

}  // namespace launch
