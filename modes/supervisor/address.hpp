#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace launch {

/// A port of a network interface.
struct TcpAddress {
  std::string host = "127.0.0.1";  ///< IPv4, IPv6 (without brackets) or a name
  std::uint16_t port = 8000;       ///< 0: any free one

  bool operator==(const TcpAddress&) const = default;
};

/// A Unix socket in the file system.
struct UnixAddress {
  std::string path;

  bool operator==(const UnixAddress&) const = default;
};

/// A socket that whoever started us opened and that listens already.
struct InheritedAddress {
  int fd = -1;

  bool operator==(const InheritedAddress&) const = default;
};

/// Where to listen.
using Address = std::variant<TcpAddress, UnixAddress, InheritedAddress>;

/// "HOST:PORT", "[IPv6]:PORT", ":PORT" (every IPv4 address), "unix:PATH" or
/// "fd:N". Throws std::invalid_argument with a sentence that quotes `text` and
/// says what to write.
Address parse_address(std::string_view text);

/// As parse_address() reads it.
std::string to_string(const Address& address);

}  // namespace launch
