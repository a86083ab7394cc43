#include "modes/supervisor/inherited_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace launch {
namespace {

std::optional<int> option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0)
    return std::nullopt;
  return value;
}

/// Why `fd` cannot be served on; nullptr when it can.
const char* fault_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    return "that descriptor is not open (whoever starts this program must "
           "open it)";
  if (!S_ISSOCK(status.st_mode)) return "that descriptor is no socket";
  const auto domain = option(fd, SO_DOMAIN);
  if (option(fd, SO_TYPE) != SOCK_STREAM ||
      (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX))
    return "that socket is neither a TCP socket nor a Unix stream socket";
  if (option(fd, SO_ACCEPTCONN) != 1)
    return "that socket does not listen (a systemd socket unit needs "
           "Accept=no)";
  return nullptr;
}

}  // namespace

Descriptor adopt_listening_socket(int fd) {
  if (const char* const fault = fault_of(fd)) throw std::runtime_error{fault};
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
      ::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
    throw std::runtime_error{std::generic_category().message(errno)};
  return Descriptor{fd};
}

}  // namespace launch
