#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "modes/base/descriptor.hpp"
#include "tests/support/eventually.hpp"

/// A client that sends exactly the bytes it is told to, on one connection. All
/// that waits gives up after kLongest.
class RawClient {
 public:
  /// `receive_buffer` in bytes; 0 leaves the kernel's.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer > 0)
      ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                   sizeof receive_buffer);
    set_timeouts();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address),
                           sizeof address) == 0;
  }

  /// On a socket that is connected, or not.
  explicit RawClient(launch::Descriptor connected)
      : fd_(std::move(connected)), connected_(fd_) {
    set_timeouts();
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n =
          ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }

  /// The next response, head and body (by its Content-Length); what there was
  /// of it when the connection ended too soon.
  std::string receive() {
    auto end = std::string::npos;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos)
      if (!receive_some()) return std::exchange(unread_, {});
    constexpr std::string_view kLength = "Content-Length: ";
    const auto at = unread_.find(kLength);
    const std::size_t body =
        at < end ? std::stoul(unread_.substr(at + kLength.size())) : 0;
    const std::size_t size = end + 4 + body;
    while (unread_.size() < size)
      if (!receive_some()) return std::exchange(unread_, {});
    std::string response = unread_.substr(0, size);
    unread_.erase(0, size);
    return response;
  }

  /// Everything until the server closes.
  std::string receive_all() {
    while (receive_some()) {
    }
    return std::exchange(unread_, {});
  }

  /// Whether the server ends the connection without sending anything more.
  bool is_closed() {
    return !receive_some() && unread_.empty() && errno != EAGAIN;
  }

  /// Whether something can be read, or the connection has ended, right now.
  bool has_news() const {
    pollfd entry{fd_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }

  /// The response to GET `target`.
  std::string get(const std::string& target) {
    send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return receive();
  }

 private:
  void set_timeouts() const {
    const timeval longest{
        std::chrono::duration_cast<launch::seconds>(kLongest).count(), 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
  }

  bool receive_some() {
    std::array<char, 65'536> buffer;
    errno = 0;
    const auto n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (n > 0) unread_.append(buffer.data(), static_cast<std::size_t>(n));
    return n > 0;
  }

  launch::Descriptor fd_;
  bool connected_ = false;
  std::string unread_;
};

/// The body of a response that is here as a whole.
inline std::string body_of(const std::string& response) {
  const auto end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}
inline bool says_close(const std::string& response) {
  return response.find("\r\nConnection: close\r\n") != std::string::npos;
}
