#pragma once

#include <sys/types.h>

#include <vector>

namespace launch {

/// As whom a process runs.
struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups{};  ///< supplementary ones

  bool operator==(const Identity&) const = default;
};

/// Makes this process run as `identity` for good: all of its user and group
/// ids, after which root's cannot be had back. Returns 0 or errno. Allocates
/// nothing, so that it may be called between fork and exec; the signal that the
/// end of a parent sends (PR_SET_PDEATHSIG) must be asked for anew.
int become(const Identity& identity) noexcept;

}  // namespace launch
