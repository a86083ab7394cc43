#pragma once

#include <cstdint>
#include <string>

#include "modes/base/descriptor.hpp"

namespace launch {

/// A listening TCP socket: non-blocking, closed on exec, and with TCP_NODELAY,
/// which accepted sockets take over.
struct Bound {
  Descriptor fd;
  std::string url;  ///< "http://127.0.0.1:8000", "http://[::1]:8000"
  std::uint16_t port = 0;
};

/// Binds the first address of `host` (IPv4, IPv6 or a name) that can be bound;
/// port 0 takes any free port. `backlog` is in connections; the kernel caps it
/// at net.core.somaxconn. A port that another process listens on is an error,
/// never shared. Throws std::runtime_error with one sentence.
Bound bind_listener(const std::string& host, std::uint16_t port,
                    int backlog = 2048);

/// From now on the kernel drops packets that ask for a new connection, while
/// what already waits in the accept queue can still be accepted: so a last
/// worker can accept until there is nothing left and then close, and resets
/// nobody. Acts on the socket, so on all processes that share it. Throws
/// std::system_error.
void refuse_new_connections(int listener);

}  // namespace launch
