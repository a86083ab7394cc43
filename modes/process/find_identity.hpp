#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "modes/base/identity.hpp"

namespace launch {

/// A user or group that cannot be taken on; what() is one sentence.
struct IdentityError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// As whom `--user` and `--group` ask to run, each a name or a number, or empty
/// when it was not given: the user's own groups unless a group is named.
/// Nothing when `caller`, the user who asks, is not root and runs so already.
/// Throws IdentityError.
std::optional<Identity> find_identity(const std::string& user,
                                      const std::string& group,
                                      const Identity& caller);

/// As whom this process runs.
Identity own_identity();

}  // namespace launch
