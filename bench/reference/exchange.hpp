#pragma once

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "bench/load/response_parser.hpp"
#include "bench/reference/measured_server.hpp"

namespace launch::bench {

/// Throws std::system_error when it cannot be connected.
inline Descriptor connect_to(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = local_address(port);
  if (!socket ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot connect");
  const timeval limit{10, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return socket;
}

inline void send_request(const Descriptor& socket, std::string_view request) {
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    throw std::system_error(errno, std::generic_category(), "cannot send");
}

/// Receives one answer and returns the size of its body. Throws
/// std::runtime_error when none comes within 10 s or when it is not a 2xx.
inline std::size_t receive_answer(const Descriptor& socket) {
  ResponseParser parser;
  parser.start(false);
  std::array<char, 65536> buffer;
  std::string received;
  auto progress = ResponseParser::Progress::more;
  while (progress == ResponseParser::Progress::more) {
    const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0)
      throw std::system_error(errno, std::generic_category(), "no answer");
    const std::string_view part(buffer.data(), static_cast<std::size_t>(got));
    received += part;
    progress = part.empty() ? parser.finish() : parser.feed(part);
  }
  if (progress == ResponseParser::Progress::failed ||
      parser.status() / 100 != 2)
    throw std::runtime_error(
        fmt::format("the answer is not a good one: {}",
                    received.substr(0, received.find('\r'))));
  return received.size() - (received.find("\r\n\r\n") + 4);
}

/// Connections that carried one request each and are held open since.
class IdleConnections {
 public:
  IdleConnections(std::uint16_t port, std::string_view request, int count) {
    for (int i = 0; i < count; ++i) {
      sockets_.push_back(connect_to(port));
      send_request(sockets_.back(), request);
      receive_answer(sockets_.back());
    }
  }

  /// Throws std::runtime_error when the server closed some of them.
  void check_open() const {
    std::size_t closed = 0;
    char byte = 0;
    for (const Descriptor& socket : sockets_)
      if (::recv(socket.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 ||
          errno != EAGAIN)
        ++closed;
    if (closed > 0)
      throw std::runtime_error(
          fmt::format("{} of {} idle connections did not stay open", closed,
                      sockets_.size()));
  }

 private:
  std::vector<Descriptor> sockets_;
};

}  // namespace launch::bench
