#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace launch::bench {

using Argv = std::vector<std::string>;

/// What a server is given to do, and where.
struct LimitWorkload {
  int connections = 64;  ///< each with a request in flight all the time
  int idle = 0;          ///< connections held open beside those
  std::string path = "/";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<int> body_bytes{};  ///< of an answer; "Hello, world!" if unset
  /// Server and generator share all cores, rather than have one each.
  bool shares_cores = false;
  bool has_reference = true;  ///< the bare server is measured under it too

  bool operator==(const LimitWorkload&) const = default;
};

/// A server under comparison and what it is given.
struct LimitContender {
  std::string name;
  LimitWorkload workload;
  Argv command;  ///< {port} in it stands for a free port
};

struct LimitOptions {
  int rounds = 7;
  int duration_ms = 1000;
  bool generator = false;  ///< the load generator is measured, no server
  /// A path that blocks a handler: fast requests are timed beside one of it.
  std::optional<std::string> blocking_path{};
  std::vector<LimitContender> contenders{};
};

extern const char kLimitUsage[];

/// Nothing when the arguments make no sense.
std::optional<LimitOptions> parse_limit_options(const Argv& arguments);

}  // namespace launch::bench
