#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bench/reference/bare.hpp"
#include "modes/base/descriptor.hpp"

/// The parts that the alternatives are put together from. Each of these serves
/// the answer of the bare server; they differ in who calls what, and when.
namespace launch::bench {

/// What an alternative serves with, until `stop` can be read.
struct Given {
  int listener;  ///< does not block
  int stop;
  int threads;
  const ConstantAnswer& answer;
};

struct Alternative {
  std::string_view name;
  std::string_view what;
  bool is_pool;  ///< has as many threads as it is told, otherwise one
  void (*serve)(const Given&);
};

void serve_epoll(const Given& given);
void serve_epoll_edge(const Given& given);
void serve_asio(const Given& given);
void serve_asio_fiber(const Given& given);
void serve_fiber_each(const Given& given);
void serve_fiber_request(const Given& given);
void serve_fiber_incomplete(const Given& given);
void serve_shared_oneshot(const Given& given);
void serve_shared_edge(const Given& given);
void serve_handoff(const Given& given);
void serve_loops(const Given& given);

/// Descriptors are below this, so that tables of connections never move.
inline constexpr std::size_t kMostDescriptors = 65536;

/// What lasts between two looks at a connection.
struct Conversation {
  RequestCounter requests;
  std::size_t owed = 0;  ///< bytes of answers not yet accepted by the kernel
};

/// A T for each descriptor that a connection can have.
template <typename T>
class ByDescriptor {
 public:
  T& operator[](int fd) { return all_[static_cast<std::size_t>(fd)]; }

 private:
  std::vector<T> all_ = std::vector<T>(kMostDescriptors);
};

/// What is received is looked at before anything else is.
using Buffer = std::array<char, 65536>;

/// An epoll instance whose events bear their descriptor.
class Epoll {
 public:
  void add(int fd, std::uint32_t events) const {
    control(EPOLL_CTL_ADD, fd, events);
  }
  void change(int fd, std::uint32_t events) const {
    control(EPOLL_CTL_MOD, fd, events);
  }

  /// Those that are ready, `events.size()` at most; none when interrupted.
  std::span<const epoll_event> wait(std::span<epoll_event> events) const {
    const int ready = ::epoll_wait(epoll_.get(), events.data(),
                                   static_cast<int>(events.size()), -1);
    return events.first(ready < 0 ? 0 : static_cast<std::size_t>(ready));
  }

 private:
  void control(int operation, int fd, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll_.get(), operation, fd, &event);
  }

  Descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC)};
};

/// Calls `serve(fd, events)` for what is ready, up to kBatch of them between
/// two waits, until `stop` is, which must have been added.
template <std::size_t kBatch, typename Serve>
void serve_events(const Epoll& epoll, int stop, Serve serve) {
  std::array<epoll_event, kBatch> events;
  for (;;) {
    for (const epoll_event& event : epoll.wait(events)) {
      if (event.data.fd == stop) return;
      serve(event.data.fd, event.events);
    }
  }
}

template <typename Begin>
void accept_all(int listener, Begin begin) {
  for (int fd = 0; (fd = accept_from(listener)) >= 0;) begin(fd);
}

enum class Look {
  answered,  ///< what came, which was probably all
  more,      ///< there may be more to receive
  nothing,   ///< had come
  full,      ///< the socket takes no more of what is owed
  over,      ///< the connection can be closed
};

/// Sends what is owed; or, when nothing is, receives once and answers.
inline Look look_at(int fd, Conversation& conversation,
                    const ConstantAnswer& answer, Buffer& buffer) {
  Look look = Look::more;
  if (conversation.owed == 0) {
    const ssize_t received = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EAGAIN) return Look::nothing;
    if (received <= 0) return Look::over;
    const std::string_view bytes(buffer.data(),
                                 static_cast<std::size_t>(received));
    conversation.owed = answer.size() * conversation.requests.count(bytes);
    if (bytes.size() < buffer.size()) look = Look::answered;
  }
  const Sent sent = answer.send(fd, conversation.owed);
  if (sent == Sent::all) return look;
  return sent == Sent::some ? Look::full : Look::over;
}

inline void close_connection(int fd, Conversation& conversation) {
  conversation = {};  // before the number can be another connection's
  ::close(fd);
}

/// Serves a connection whose events are level-triggered: EPOLLIN, or EPOLLOUT
/// while an answer has to wait.
inline void serve_level(const Epoll& epoll, int fd, Conversation& conversation,
                        const ConstantAnswer& answer, Buffer& buffer) {
  const bool waited = conversation.owed > 0;
  const Look look = look_at(fd, conversation, answer, buffer);
  if (look == Look::over)
    close_connection(fd, conversation);
  else if (waited != (look == Look::full))
    epoll.change(fd, waited ? EPOLLIN : EPOLLOUT);
}

/// Registered once, for all that can happen to a connection.
inline constexpr std::uint32_t kEdge =
    EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

/// Serves a connection whose `events` are edge-triggered, until there will be
/// another one. After a short read there will, unless the end had come before.
/// False when the connection can be closed.
inline bool serve_edge(int fd, std::uint32_t events, Conversation& conversation,
                       const ConstantAnswer& answer, Buffer& buffer) {
  const bool has_ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  Look look = Look::more;
  while (look == Look::more || (has_ended && look == Look::answered))
    look = look_at(fd, conversation, answer, buffer);
  return look != Look::over;
}

}  // namespace launch::bench
