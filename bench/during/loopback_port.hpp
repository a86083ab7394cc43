#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace launch::bench {

/// A port of 127.0.0.1 that is free now and that no client gets as its own: a
/// client that connects to a port of that range while nobody listens may be
/// given this very port, talk to itself, and keep the server from it. Throws
/// std::system_error when there is none.
std::uint16_t free_loopback_port();

/// The first port that the system gives to clients, from the text of
/// /proc/sys/net/ipv4/ip_local_port_range. Nothing when it is no such text.
std::optional<std::uint16_t> first_client_port(std::string_view range);

}  // namespace launch::bench
