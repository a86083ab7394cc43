#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "modes/base/descriptor.hpp"
#include "modes/supervisor/address.hpp"
#include "modes/supervisor/socket_file.hpp"

namespace launch {

/// A listening socket: non-blocking, closed on exec, and if it is a TCP one
/// with TCP_NODELAY, which accepted sockets take over.
struct Bound {
  Descriptor fd;
  std::string url;         ///< "http://127.0.0.1:8000", "http://[::1]:8000",
                           ///< "unix:/run/app.sock"
  std::uint16_t port = 0;  ///< 0 for a Unix socket
  bool inherited = false;  ///< whoever started us may have it too
  SocketFile file{};       ///< of a Unix socket that we bound
};

struct ListenOptions {
  int backlog = 2048;  ///< connections; the kernel caps it at
                       ///< net.core.somaxconn
  mode_t unix_mode = 0666;
};

/// Binds the first address of `host` (IPv4, IPv6 or a name) that can be bound;
/// port 0 takes any free port. A port that another process listens on is an
/// error, never shared. Throws std::runtime_error with one sentence.
Bound bind_listener(const std::string& host, std::uint16_t port,
                    int backlog = ListenOptions{}.backlog);

/// The same for an address of any kind; an inherited socket is taken over as
/// it is.
Bound listen_on(const Address& address, const ListenOptions& options);

/// All of them in their order, or none.
std::vector<Bound> listen_on_all(const std::vector<Address>& addresses,
                                 const ListenOptions& options);

std::vector<int> descriptors_of(const std::vector<Bound>& listeners);

/// The line in the log that tells users that they can come, for each.
void announce_addresses(const std::vector<Bound>& listeners);

/// From now on the kernel drops packets that ask for a new connection, while
/// what already waits in the accept queue can still be accepted: so a last
/// worker can accept until there is nothing left and then close, and resets
/// nobody. Acts on the socket, so on all processes that share it. Throws
/// std::system_error.
void refuse_new_connections(int listener);

/// For a graceful end, the same for each kind of listener:
/// - TCP: as above;
/// - Unix: the file goes, and whoever still connects is refused;
/// - inherited: nothing changes, since its owner may keep the socket for a
///   successor, which then serves what comes from now on.
/// What is not possible is logged.
void refuse_new_connections(std::vector<Bound>& listeners);

/// net.core.somaxconn, in connections; the largest int when unreadable.
int kernel_backlog_limit();

/// What to tell the operator when the kernel caps the queue; else empty.
std::string backlog_warning(int backlog, int limit);

}  // namespace launch
