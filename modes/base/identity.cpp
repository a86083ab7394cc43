#include "modes/base/identity.hpp"

#include <grp.h>
#include <unistd.h>

#include <cerrno>

namespace launch {

int become(const Identity& identity) noexcept {
  // Groups first: afterwards the right to change them is gone.
  if (::setgroups(identity.groups.size(), identity.groups.data()) != 0 ||
      ::setresgid(identity.group, identity.group, identity.group) != 0 ||
      ::setresuid(identity.user, identity.user, identity.user) != 0)
    return errno;
  if (::getuid() != identity.user || ::geteuid() != identity.user ||
      ::getgid() != identity.group || ::getegid() != identity.group)
    return EPERM;
  const bool can_go_back = identity.user != 0 && ::setuid(0) == 0;
  return can_go_back ? EPERM : 0;
}

}  // namespace launch
