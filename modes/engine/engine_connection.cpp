// What an engine does with one connection, from its first byte to its end.

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "modes/engine/deadlines.hpp"
#include "modes/engine/engine.hpp"
#include "modes/engine/refusal.hpp"
#include "modes/engine/sweep.hpp"

namespace launch {
namespace {

/// Whether a socket may hold more than the `n` bytes that it just gave; its end
/// counts, as it is reported only once.
bool may_hold_more(const Connection& connection, ssize_t n,
                   const ThreadBuffers& buffers) {
  return static_cast<std::size_t>(n) == buffers.input.size() ||
         connection.ended.load(std::memory_order_relaxed);
}

/// Two strings in one call, as send() does one.
ssize_t send_both(int fd, std::string& first, std::string& second) {
  if (second.empty())
    return ::send(fd, first.data(), first.size(), MSG_NOSIGNAL);
  std::array<iovec, 2> parts{iovec{first.data(), first.size()},
                             iovec{second.data(), second.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

/// After a call that moved nothing: whether it only came too early.
bool may_go_on(Connection& connection) {
  if (errno == EINTR) connection.unread = true;
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

void Engine::on_connection(Connection& connection, ThreadBuffers& buffers) {
  bool open = true;
  connection.unread = false;
  switch (connection.waiting.load(std::memory_order_acquire)) {
    case Waiting::client:
      open = connection.streamed ? go_on(connection, buffers)
                                 : flush(connection, buffers);
      break;
    case Waiting::end:
      open = discard(connection, buffers);
      break;
    case Waiting::late:
      open = false;
      break;
    case Waiting::first:
    case Waiting::request:
    case Waiting::head:
    case Waiting::body:
    case Waiting::handler:
      open = receive(connection, buffers);
      break;
  }
  if (!open) return close(connection);
  dispatcher_.done(connection, connection.unread);
}

// The next ones return false when the connection is to be closed.

bool Engine::receive(Connection& connection, ThreadBuffers& buffers) {
  const auto n = ::recv(connection.fd.get(), buffers.input.data(),
                        buffers.input.size(), 0);
  if (n < 0) return may_go_on(connection);
  if (n == 0) return refuse_late(connection);
  connection.unread = may_hold_more(connection, n, buffers);
  const std::string_view bytes{buffers.input.data(),
                               static_cast<std::size_t>(n)};
  if (connection.input.empty()) return serve(connection, bytes, buffers);
  connection.input += bytes;
  return serve(connection, connection.input, buffers);
}

bool Engine::serve(Connection& connection, std::string_view bytes,
                   ThreadBuffers& buffers) {
  // Not swept while its handler runs, however long that takes.
  const Waiting before =
      connection.waiting.exchange(Waiting::handler, std::memory_order_relaxed);
  const auto since = connection.since.load(std::memory_order_relaxed);
  const auto mark = connection.mark.load(std::memory_order_relaxed);
  if (before == Waiting::body) in_progress_.body_here();
  if (pooled()) handler_begins();
  ExchangeResult result;
  std::size_t requests = 0;
  bool open = true;
  do {
    buffers.output.clear();
    result = exchange_.consume(connection, bytes, buffers);
    seat_.requests.fetch_add(result.requests, std::memory_order_relaxed);
    open = send(connection, result, buffers);
    requests += result.requests;
    bytes = connection.input;
  } while (open && result.more && connection.waiting != Waiting::client);
  if (pooled()) handler_ends();
  if (requests > 0)
    seat_.latency.record(Clock::now() - dispatcher_.found(buffers.thread),
                         requests);
  if (!open) return false;
  if (buffers.output.capacity() > 2 * ResponseStream::kHighWater)
    std::string{}.swap(buffers.output);
  if (connection.waiting == Waiting::client) return true;
  if (!end_or_go_on(connection)) return false;
  // A head has one deadline, however slowly it drips in; a body goes on with
  // its own, which the sweep moves.
  if (result.requests == 0 && connection.waiting == before) {
    connection.mark.store(mark, std::memory_order_relaxed);
    connection.since.store(since, std::memory_order_relaxed);
  }
  return true;
}

/// Sends what an exchange gave in one call; what the client does not take now
/// is kept, and then it is waited for.
bool Engine::send(Connection& connection, const ExchangeResult& result,
                  ThreadBuffers& buffers) {
  connection.close_after_output = result.close;
  connection.linger_after_output = result.linger;
  if (result.streaming) {
    connection.owner.store(buffers.thread, std::memory_order_relaxed);
    await_client(connection, connection.streamed->sent());
    return true;
  }
  std::string& output = buffers.output;
  std::string& body = buffers.body;
  if (output.empty()) return true;
  const auto n = send_both(connection.fd.get(), output, body);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
  auto sent = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  seat_.bytes_sent.fetch_add(sent, std::memory_order_relaxed);
  if (sent < output.size() + body.size()) {
    if (sent < output.size()) {
      connection.output = std::exchange(output, {}) + body;
    } else {
      sent -= output.size();
      connection.output = std::exchange(body, {});
    }
    connection.sent = sent;
    await_client(connection, static_cast<std::uint32_t>(sent));
  }
  if (!body.empty()) std::string{}.swap(body);
  return true;
}

/// `sent` bytes of the answer that the kernel took, modulo 2^32.
void Engine::await_client(Connection& connection, std::uint32_t sent) {
  in_progress_.answer_waits();
  connection.progress.store(sent, std::memory_order_relaxed);
  connection.mark.store(sent - unacknowledged(connection.fd.get()),
                        std::memory_order_relaxed);
  wait(connection, Waiting::client);
  poller_.change(connection.fd.get(), Dispatcher::kInput | EPOLLOUT,
                 &connection);
}

bool Engine::flush(Connection& connection, ThreadBuffers& buffers) {
  const auto rest = std::string_view{connection.output}.substr(connection.sent);
  const auto n =
      ::send(connection.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (n < 0) return may_go_on(connection);
  connection.sent += static_cast<std::size_t>(n);
  seat_.bytes_sent.fetch_add(static_cast<std::uint64_t>(n),
                             std::memory_order_relaxed);
  connection.progress.store(static_cast<std::uint32_t>(connection.sent),
                            std::memory_order_relaxed);
  if (connection.sent < connection.output.size()) return true;
  std::string{}.swap(connection.output);
  connection.sent = 0;
  in_progress_.answer_taken();
  connection.waiting.store(Waiting::handler, std::memory_order_relaxed);
  return after_answer(connection, buffers);
}

/// Goes on with an answer that is produced while its client takes it.
bool Engine::go_on(Connection& connection, ThreadBuffers& buffers) {
  const ExchangeResult result = exchange_.go_on(connection, buffers);
  if (result.streaming) {
    connection.progress.store(connection.streamed->sent(),
                              std::memory_order_relaxed);
    return true;
  }
  connection.owner.store(Connection::kAnyThread, std::memory_order_relaxed);
  in_progress_.answer_taken();
  connection.waiting.store(Waiting::handler, std::memory_order_relaxed);
  if (!send(connection, result, buffers)) return false;
  if (connection.waiting == Waiting::client) return true;
  return after_answer(connection, buffers);
}

/// Once the client has taken all of an answer that it was waited for with.
bool Engine::after_answer(Connection& connection, ThreadBuffers& buffers) {
  connection.unread = true;  // its news were taken for room to send
  if (!end_or_go_on(connection)) return false;
  if (connection.input.empty()) return true;
  return serve(connection, connection.input, buffers);
}

/// What a client sends that is not answered any more.
bool Engine::discard(Connection& connection, ThreadBuffers& buffers) {
  const auto n = ::recv(connection.fd.get(), buffers.input.data(),
                        buffers.input.size(), 0);
  if (n < 0) return may_go_on(connection);
  connection.unread = may_hold_more(connection, n, buffers);
  return n > 0;
}

/// After an answer is sent. Closing with unread bytes would reset the
/// connection and could take the answer away from the client before it reads
/// it: then the client is given time to close first.
bool Engine::end_or_go_on(Connection& connection) {
  if (connection.linger_after_output) {
    ::shutdown(connection.fd.get(), SHUT_WR);
    wait(connection, Waiting::end);
    return true;
  }
  if (connection.close_after_output) return false;
  wait(connection, connection.input.empty()            ? Waiting::request
                   : connection.framer.head_complete() ? Waiting::body
                                                       : Waiting::head);
  return true;
}

/// At the end of what a client sends, which may be the sweep's doing: then it
/// is told that it was too slow, and has time to see it. As nothing can be read
/// from it any more, it is not closed before.
bool Engine::refuse_late(Connection& connection) {
  const Waiting waiting = connection.waiting.load(std::memory_order_relaxed);
  const auto ticks = static_cast<std::int32_t>(tick_ - connection.since);
  const bool in_request = waiting == Waiting::head || waiting == Waiting::body;
  if (!in_request || !expired(waiting, ticks, patience_)) return false;
  if (waiting == Waiting::body) in_progress_.body_here();
  const std::string answer = refusal(
      408, waiting == Waiting::head ? "the request's head did not come in time"
                                    : "the request's body came too slowly");
  ::send(connection.fd.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  std::string{}.swap(connection.input);
  wait(connection, Waiting::late);
  poller_.change(connection.fd.get(), 0, &connection);  // only for its end
  return true;
}

void Engine::wait(Connection& connection, Waiting what) {
  if (what == Waiting::body) {
    in_progress_.body_waits();
    const auto progress = static_cast<std::uint32_t>(connection.input.size());
    connection.progress.store(progress, std::memory_order_relaxed);
    connection.mark.store(progress, std::memory_order_relaxed);
  }
  if (what == Waiting::request)
    connection.mark.store(0, std::memory_order_relaxed);
  connection.since.store(tick_.load(std::memory_order_relaxed),
                         std::memory_order_relaxed);
  connection.waiting.store(what, std::memory_order_relaxed);
}

void Engine::close(Connection& connection) {
  const Waiting waiting = connection.waiting.load(std::memory_order_relaxed);
  if (waiting == Waiting::body) in_progress_.body_here();
  if (waiting == Waiting::client) in_progress_.answer_taken();
  seat_.connections.fetch_sub(1, std::memory_order_relaxed);
  acceptor_.closed(connection.requests == 1 && connection.close_after_output);
  poller_.remove(connection.fd.get());
  dispatcher_.retire(registry_.remove(connection));
  if (full_.exchange(false)) arm(resume_.fd.get(), nanoseconds{1});
  if (stopping_) finish_if_empty();
}

}  // namespace launch
