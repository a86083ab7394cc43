#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "modes/access_log_file.hpp"
#include "modes/base/clock.hpp"
#include "modes/http/access_log.hpp"
#include "modes/http/forwarded.hpp"
#include "modes/http/peer_address.hpp"
#include "modes/http/request_id.hpp"

namespace launch {

/// What `--access-log` and its companions ask for.
struct AccessLogPlan {
  bool on = false;
  AccessLogFormat format = AccessLogFormat::common;
  std::string file = "-";  ///< "-": standard output
};

/// A worker's access log: makes an entry of a request and its answer.
class RequestLog {
 public:
  /// Throws std::system_error when the file cannot be opened.
  RequestLog(const AccessLogPlan& plan, TrustedPeers trusted, int worker);

  /// When a request was complete, on the clock for durations and on the wall's.
  struct Begin {
    Clock::time_point monotonic;
    WallTime wall;
  };
  static Begin begin();

  /// See AccessLogFile. From any thread.
  void reopen() { file_.reopen(); }

  /// Writes the line of a request that is answered now. `message` are its raw
  /// bytes from the request line on, well-formed or not; `response_bytes`
  /// those of the answer's body. From any thread.
  void write(const PeerAddress& peer, std::string_view message, int status,
             std::uint64_t response_bytes, const Begin& begin);

 private:
  AccessLogFormat format_;
  AccessLogFile file_;
  TrustedPeers trusted_;
  RequestIds ids_;
  int worker_;
};

/// The bytes behind the head of a whole response.
std::uint64_t body_bytes(std::string_view response);

/// "200 OK" -> 200; 0 when there is no number.
int status_code(std::string_view status);

}  // namespace launch
