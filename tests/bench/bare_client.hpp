#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstdint>
#include <string>

#include "modes/base/descriptor.hpp"
#include "tests/bench/program.hpp"
#include "tests/support/catch.hpp"

/// What speaks to servers of a constant answer, byte by byte where it matters.
namespace launch::bench {

inline const std::string kBareRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// The port in "listening on 127.0.0.1:PORT".
inline std::uint16_t port_of(Program& server) {
  const std::string line = server.line();
  REQUIRE(line.starts_with("listening on 127.0.0.1:"));
  return static_cast<std::uint16_t>(std::stoi(line.substr(23)));
}

inline Descriptor connect_to(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address),
                    sizeof address) == 0);
  const timeval limit{5, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return socket;
}

inline void send(int fd, const std::string& bytes) {
  REQUIRE(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
}

/// How many answers arrive before `count` of them did or 5 s are over.
inline int answers(int fd, int count) {
  std::string received;
  char buffer[4096];
  int found = 0;
  while (found < count) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    received.append(buffer, static_cast<std::size_t>(got));
    found = 0;
    for (std::size_t at = 0;
         (at = received.find("\r\n\r\nHello, world!", at)) != received.npos;
         ++at)
      ++found;
  }
  return found;
}

}  // namespace launch::bench
