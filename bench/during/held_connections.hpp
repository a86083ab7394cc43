#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

namespace launch::bench {

/// How many connections of clients to `port` a process holds; nothing where its
/// descriptors cannot be read.
std::optional<std::uint64_t> held_connections(pid_t pid, std::uint16_t port);

/// The inodes of the sockets with this local port that are no listeners, from
/// the text of /proc/PID/net/tcp or tcp6. Only those that a process holds have
/// one.
std::set<std::uint64_t> socket_inodes(std::string_view table,
                                      std::uint16_t port);

}  // namespace launch::bench
