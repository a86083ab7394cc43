#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "modes/base/descriptor.hpp"

/// A connection to one of the addresses that a server tells: "unix:PATH",
/// "http://[::1]:PORT" or "http://127.0.0.1:PORT". None, with errno set, when
/// it is refused.
inline launch::Descriptor connect_to(const std::string& url) {
  const auto connected = [](int family, const auto& address) {
    launch::Descriptor fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) != 0) {
      const int error = errno;
      fd.reset();
      errno = error;
    }
    return fd;
  };
  if (url.starts_with("unix:")) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    url.copy(address.sun_path, sizeof address.sun_path - 1, 5);
    return connected(AF_UNIX, address);
  }
  const auto port =
      static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  if (url.starts_with("http://[")) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    return connected(AF_INET6, address);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connected(AF_INET, address);
}

/// A Unix socket bound to `path`, that listens or not.
inline launch::Descriptor unix_socket(const std::string& path, bool listens,
                                      int type = SOCK_STREAM) {
  launch::Descriptor fd{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const bool good =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
             sizeof address) == 0 &&
      (!listens || ::listen(fd.get(), 16) == 0);
  if (!good) fd.reset();
  return fd;
}

/// A listening socket on any port of 127.0.0.1.
inline launch::Descriptor tcp_socket() {
  launch::Descriptor fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool good =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
             sizeof address) == 0 &&
      ::listen(fd.get(), 16) == 0;
  if (!good) fd.reset();
  return fd;
}

/// How a server that inherits it tells its address.
inline std::string url_of(const launch::Descriptor& tcp) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(tcp.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}
