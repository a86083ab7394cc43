#include "bench/load/connection.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <fmt/core.h>

namespace launch::bench {
namespace {

constexpr std::uint32_t kPeerClosed = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr int kReadsInARow = 16;

std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (c == '\r')
      text += "\\r";
    else if (c == '\n')
      text += "\\n";
    else if (c < ' ' || c > '~' || c == '"' || c == '\\')
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      text += c;
  }
  return text;
}

ErrorKind kind_of_connect_error(int error_number) {
  if (error_number == ECONNREFUSED) return ErrorKind::refused;
  if (error_number == EADDRNOTAVAIL) return ErrorKind::unsent;
  return ErrorKind::connect;
}

bool is_connect_error(ErrorKind kind) {
  return kind == ErrorKind::refused || kind == ErrorKind::unsent ||
         kind == ErrorKind::connect;
}

/// "Connection refused (ECONNREFUSED)"
std::string error_text(int error_number) {
  std::string text = fmt::format("{} ({})", ::strerrordesc_np(error_number),
                                 ::strerrorname_np(error_number));
  if (error_number == EADDRNOTAVAIL)
    text += ": every local port is in use, keep connections alive or use fewer";
  return text;
}

}  // namespace

Endpoint resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0)
    throw std::invalid_argument(fmt::format("the host '{}' is not known: {}",
                                            host, ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(
      found, &::freeaddrinfo);
  Endpoint endpoint;
  endpoint.name = fmt::format("{}:{}", host, port);
  std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
  endpoint.length = found->ai_addrlen;
  return endpoint;
}

Connection::Step Connection::open() {
  socket_.reset(::socket(endpoint_.address.ss_family,
                         SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_)
    throw std::system_error(errno, std::generic_category(),
                            "cannot open a socket to send load through");
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  has_answered_ = peer_closed_ = unread_ = false;
  state_ = State::connecting;

  if (::connect(socket_.get(),
                reinterpret_cast<const sockaddr*>(&endpoint_.address),
                endpoint_.length) != 0 &&
      errno != EINPROGRESS)
    return fail(kind_of_connect_error(errno), errno);
  watch(EPOLL_CTL_ADD);
  return Step::pending;
}

void Connection::watch(int operation) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (::epoll_ctl(epoll_, operation, socket_.get(), &event) != 0)
    throw std::system_error(errno, std::generic_category(),
                            "cannot watch a socket");
}

Connection::Step Connection::on_events(std::uint32_t events) {
  if ((events & kPeerClosed) != 0) peer_closed_ = true;
  if (state_ == State::connecting) return finish_connecting(events);
  if (state_ == State::resting) {
    // Nothing was asked, so nothing but the end can come.
    if ((events & (EPOLLIN | kPeerClosed)) != 0) close();
    return Step::pending;
  }
  // An answer before the request is out is better than the failure to send
  // the rest of it, which usually follows.
  if ((events & (EPOLLIN | kPeerClosed)) != 0) {
    const Step step = read();
    if (step != Step::pending) return step;
  }
  return state_ == State::writing && (events & EPOLLOUT) != 0 ? write()
                                                              : Step::pending;
}

Connection::Step Connection::finish_connecting(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    int error_number = 0;
    socklen_t size = sizeof error_number;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error_number, &size);
    if (error_number != 0)
      return fail(kind_of_connect_error(error_number), error_number);
  }
  if ((events & EPOLLOUT) == 0) return Step::pending;
  // The edge that told of it is gone: whatever came already is read once the
  // request is sent.
  unread_ = (events & (EPOLLIN | kPeerClosed)) != 0;
  state_ = State::waiting;
  return Step::connected;
}

Connection::Step Connection::send(const Request& request) {
  request_ = &request;
  written_ = 0;
  parser_.start(request.is_head);
  state_ = State::writing;
  const Step step = write();
  if (step != Step::pending || !unread_) return step;
  unread_ = false;
  return read();
}

Connection::Step Connection::write() {
  const std::string& bytes = request_->bytes;
  while (written_ < bytes.size()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data() + written_,
                                bytes.size() - written_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return Step::pending;
    if (sent < 0) return fail(ErrorKind::write, errno);
    written_ += static_cast<std::size_t>(sent);
  }
  state_ = State::waiting;
  return Step::pending;
}

Connection::Step Connection::read() {
  for (int reads = 0; reads < kReadsInARow; ++reads) {
    const ssize_t received =
        ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0 && errno == EAGAIN) return Step::pending;
    if (received < 0)
      return fail(
          state_ == State::writing ? ErrorKind::write : ErrorKind::closed,
          errno);
    if (received == 0) return parsed(parser_.finish(), ErrorKind::closed);

    const auto size = static_cast<std::size_t>(received);
    const Step step =
        parsed(parser_.feed({buffer_.data(), size}), ErrorKind::read);
    if (step != Step::pending) return step;
    // A short read has emptied the socket, and what comes later is a new
    // edge; except that the end of the stream may have come with the data.
    if (size < buffer_.size() && !peer_closed_) return Step::pending;
  }
  // An endless body must not keep the others waiting: ask for the edge again.
  watch(EPOLL_CTL_MOD);
  return Step::pending;
}

Connection::Step Connection::parsed(ResponseParser::Progress progress,
                                    ErrorKind failure) {
  switch (progress) {
    case ResponseParser::Progress::more:
      return Step::pending;
    case ResponseParser::Progress::complete:
      has_answered_ = true;
      return Step::answered;
    case ResponseParser::Progress::failed:
      break;
  }
  return fail(failure, 0);
}

Connection::Step Connection::time_out() {
  return state_ == State::connecting ? fail(ErrorKind::connect, ETIMEDOUT)
                                     : fail(ErrorKind::timeout, 0);
}

Connection::Step Connection::fail(ErrorKind kind, int error_number) {
  error_ = kind;
  error_number_ = error_number;
  return Step::failed;
}

std::string Connection::describe_failure() const {
  if (is_connect_error(error_))
    return fmt::format("connecting to {} failed: {}", endpoint_.name,
                       error_text(error_number_));
  const std::string& name = request_->name;
  if (error_ == ErrorKind::timeout)
    return fmt::format("{}: no complete answer within the time-out", name);
  if (error_ == ErrorKind::write)
    return fmt::format("{}: the request could not be sent: {}", name,
                       error_text(error_number_));
  if (error_number_ != 0)
    return fmt::format("{}: the answer could not be read: {}", name,
                       error_text(error_number_));
  if (parser_.excerpt().empty())
    return fmt::format("{}: {}", name, parser_.problem());
  return fmt::format("{}: {}: \"{}\"", name, parser_.problem(),
                     escaped(parser_.excerpt()));
}

std::string Connection::describe_status() const {
  return fmt::format("{}: answered \"{}\"", request_->name,
                     escaped(parser_.excerpt()));
}

}  // namespace launch::bench
