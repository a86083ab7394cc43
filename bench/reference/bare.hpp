#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "modes/base/descriptor.hpp"

/// What servers of a constant answer have in common. Requests are taken for
/// well-formed and without bodies: only the ends of their heads are looked for.
namespace launch::bench {

/// Counts requests, wherever reads have cut them.
class RequestCounter {
 public:
  /// The requests that end in `bytes`.
  std::size_t count(std::string_view bytes) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    std::size_t requests = 0;
    std::size_t after_last = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (matched_ == 0) i = std::min(bytes.find('\r', i), bytes.size());
      if (i == bytes.size()) break;
      if (bytes[i] != kEnd[matched_]) {
        matched_ = bytes[i] == '\r' ? 1 : 0;
      } else if (++matched_ == kEnd.size()) {
        ++requests;
        matched_ = 0;
        after_last = i + 1;
      }
    }
    if (!bytes.empty()) within_ = after_last < bytes.size();
    return requests;
  }

  /// More of a request is still to come.
  bool within_request() const { return within_; }

 private:
  std::size_t matched_ = 0;  ///< bytes of the end of a head seen so far
  bool within_ = false;
};

enum class Sent { all, some, failed };

/// One answer, as often as it is asked for.
class ConstantAnswer {
 public:
  explicit ConstantAnswer(std::string_view body) {
    const std::string answer =
        "HTTP/1.1 200 OK\r\n"
        "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        "Server: bare\r\n"
        "Content-Type: text/plain\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    size_ = answer.size();
    const std::size_t copies =
        std::clamp<std::size_t>(kMaxCopiedBytes / size_, 1, kMaxCopies);
    for (std::size_t i = 0; i < copies; ++i) copies_ += answer;
  }

  /// Bytes of one answer.
  std::size_t size() const { return size_; }

  /// What one write may hold of `owed` bytes. All answers are the same bytes,
  /// so what is still owed tells where the next write begins.
  std::string_view next(std::size_t owed) const {
    const std::size_t begin = (size_ - owed % size_) % size_;
    return std::string_view(copies_).substr(begin, owed);
  }

  /// Sends the `owed` bytes, which it counts down, as far as the socket takes
  /// them: `some` when it takes no more, `failed` when it never will.
  Sent send(int fd, std::size_t& owed) const {
    while (owed > 0) {
      const std::string_view part = next(owed);
      const ssize_t sent = ::send(fd, part.data(), part.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN ? Sent::some : Sent::failed;
      owed -= static_cast<std::size_t>(sent);
    }
    return Sent::all;
  }

 private:
  /// Pipelined requests are answered by several copies of the answer in one
  /// write, as long as these take no more memory than this.
  static constexpr std::size_t kMaxCopies = 64;
  static constexpr std::size_t kMaxCopiedBytes = 256 * 1024;

  std::size_t size_ = 0;
  std::string copies_;
};

/// A non-blocking socket that listens on 127.0.0.1, on a free port for 0, which
/// `port` then is; none, with the reason in errno, when that fails.
inline Descriptor listen_locally(std::uint16_t& port) {
  Descriptor listener(
      ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(listener.get(), generic, length) != 0 ||
      ::listen(listener.get(), SOMAXCONN) != 0 ||
      ::getsockname(listener.get(), generic, &length) != 0)
    return {};
  port = ntohs(address.sin_port);
  return listener;
}

/// The next waiting connection, non-blocking and without delay; below 0 when
/// there is none.
inline int accept_from(int listener) {
  const int fd =
      ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int on = 1;
  if (fd >= 0) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/// Makes SIGINT and SIGTERM, which also comes at the parent's end, readable
/// from the result instead of deadly.
inline Descriptor stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  return Descriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
}

/// As many connections as the machine lets one process hold, `most` at most.
inline void raise_descriptor_limit(rlim_t most) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min(limit.rlim_max, most);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// True when all of `text` is a number that `Number` can hold.
template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && parsed_to == end;
}

}  // namespace launch::bench
