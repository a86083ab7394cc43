#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "bench/load/load.hpp"

namespace launch::bench {

/// One way in which clients use their connections.
struct LoadKind {
  std::string_view name;
  std::string_view summary;
  bool keep_alive = true;
  milliseconds pause{0};  ///< the longest between two requests
  /// After how many a worker of ours is recycled: so many that it takes about
  /// as long under each kind of load.
  int requests_per_worker = 2000;
  /// A request may cross the close of a connection that was silent: so many
  /// may be lost in 100 repetitions.
  int crossing_per_100 = 0;
};

inline constexpr std::array kLoadKinds{
    LoadKind{"close", "a new connection per request", false},
    LoadKind{"keepalive", "busy keep-alive connections", true},
    LoadKind{"pausing", "keep-alive connections that pause 0 to 2 s", true,
             milliseconds{2000}, 50, 1},
};

/// Nothing when no kind of load has this name.
std::optional<LoadKind> find_load_kind(std::string_view name);

}  // namespace launch::bench
