#include "modes/engine/engine.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "modes/engine/deadlines.hpp"
#include "modes/log.hpp"

namespace launch {
namespace {

constexpr int kEventsPerWait = 128;
constexpr int kAcceptsPerTurn = 64;
constexpr nanoseconds kStepBack = microseconds{500};

ExchangeOptions exchange_options(const HostedServer& server,
                                 const Engine::Options& options) {
  ExchangeOptions result;
  result.limits.body = server.payload_max_length();
  result.log = options.log;
  result.trusted = options.trusted;
  return result;
}

}  // namespace

Engine::Engine(HostedServer& server, const std::vector<int>& listeners,
               Scoreboard& scoreboard, const Options& options)
    : server_(server),
      options_(options),
      counters_(scoreboard.worker(options.worker_id)),
      acceptor_(listeners, scoreboard, options.worker_id),
      exchange_(server, exchange_options(server, options), closing_),
      ticks_(make_timer()),
      resume_(make_timer()),
      stop_(make_event()),
      finished_(make_event()) {
  arm(ticks_.get(), seconds{1}, seconds{1});
  poller_.add(ticks_.get(), EPOLLIN | EPOLLET, &ticks_);
  poller_.add(resume_.get(), EPOLLIN | EPOLLET, &resume_);
  poller_.add(stop_.get(), EPOLLIN | EPOLLET, &stop_);
  poller_.add(finished_.get(), EPOLLIN, &finished_);
}

Engine::~Engine() {
  give(finished_.get());
  join();
}

void Engine::start() {
  // With several threads a listener is disarmed while one accepts.
  for (Acceptor::Listener& listener : acceptor_.listeners())
    poller_.add(listener.fd, EPOLLIN | once(), &listener);
  threads_.reserve(static_cast<std::size_t>(options_.threads));
  for (int i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this] { run(); });
}

void Engine::stop() {
  closing_ = true;
  give(stop_.get());
}

void Engine::cut() {
  registry_.for_each([](Connection& connection) {
    ::shutdown(connection.fd.get(), SHUT_RDWR);
  });
}

void Engine::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Engine::run() {
  ThreadBuffers buffers;
  // A pool's thread takes one event at a time: with more, ready requests
  // would wait behind its blocked handler while other threads are free.
  std::array<epoll_event, kEventsPerWait> events;
  const std::size_t most = pooled() ? 1 : events.size();
  while (true) {
    const std::size_t count = poller_.wait(std::span{events}.first(most));
    for (std::size_t i = 0; i < count; ++i) {
      void* const source = events[i].data.ptr;
      if (source == &finished_) return;
      if (auto* const listener = acceptor_.find(source)) {
        on_listener(*listener);
      } else if (source == &ticks_) {
        on_tick();
      } else if (source == &resume_) {
        on_resume();
      } else if (source == &stop_) {
        on_stop();
      } else {
        on_connection(*static_cast<Connection*>(source), buffers);
      }
    }
  }
}

// --- accepting ---

void Engine::on_listener(Acceptor::Listener& listener) {
  const std::lock_guard lock{accept_mutex_};
  // Another listener's connections may have brought about a pause just now.
  if (stopping_ || paused_) return;
  const AcceptPause pause = acceptor_.accept(
      listener, kAcceptsPerTurn,
      [this](std::unique_ptr<Connection> c) { adopt(std::move(c)); });
  if (pause != AcceptPause::none) {
    pause_accepting(pause);
  } else if (pooled()) {
    poller_.change(listener.fd, EPOLLIN | EPOLLONESHOT, &listener);
  }
}

void Engine::adopt(std::unique_ptr<Connection> connection) {
  const int fd = connection->fd.get();
  connection->since = tick_.load(std::memory_order_relaxed);
  Connection& kept = registry_.add(std::move(connection));
  if (!poller_.try_add(fd, EPOLLIN | once(), &kept)) close(kept);
}

void Engine::pause_accepting(AcceptPause pause) {
  paused_ = true;
  listen_for(0);
  if (pause == AcceptPause::descriptors) {
    log_warning("no file descriptors are left: accepting pauses for a second");
    starved_ = true;  // the next tick tries again
  } else {
    arm(resume_.get(), kStepBack);
  }
}

void Engine::resume_accepting() {
  paused_ = false;
  listen_for(EPOLLIN | once());
}

void Engine::listen_for(std::uint32_t events) {
  for (Acceptor::Listener& listener : acceptor_.listeners())
    poller_.change(listener.fd, events, &listener);
}

void Engine::on_resume() {
  if (!take(resume_.get())) return;
  const std::lock_guard lock{accept_mutex_};
  if (!stopping_) resume_accepting();
}

// --- one connection ---

void Engine::on_connection(Connection& connection, ThreadBuffers& buffers) {
  bool open = true;
  switch (connection.waiting.load(std::memory_order_acquire)) {
    case Waiting::client:
      open = flush(connection, buffers);
      break;
    case Waiting::end:
      open = discard(connection, buffers);
      break;
    case Waiting::first:
    case Waiting::request:
    case Waiting::rest:
    case Waiting::handler:
      open = receive(connection, buffers);
      break;
  }
  if (!open) return close(connection);
  if (pooled()) {
    // The thread that gets its next event, perhaps at once, sees all that this
    // one did.
    const int fd = connection.fd.get();
    const Waiting waiting = connection.waiting.load(std::memory_order_relaxed);
    connection.waiting.store(waiting, std::memory_order_release);
    poller_.change(
        fd, (waiting == Waiting::client ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT,
        &connection);
  }
}

// The next ones return false when the connection is to be closed.

bool Engine::receive(Connection& connection, ThreadBuffers& buffers) {
  const auto n = ::recv(connection.fd.get(), buffers.input.data(),
                        buffers.input.size(), 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
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
  ExchangeResult result;
  do {
    buffers.output.clear();
    result = exchange_.consume(connection, bytes, buffers);
    counters_.requests.fetch_add(result.requests, std::memory_order_relaxed);
    connection.close_after_output = result.close;
    connection.linger_after_output = result.linger;
    if (!send(connection, buffers.output)) return false;
    bytes = connection.input;
  } while (result.more && connection.output.empty());
  if (buffers.output.capacity() > 2 * MemoryStream::kHighWater)
    std::string{}.swap(buffers.output);
  if (!connection.output.empty()) return true;
  if (!end_or_go_on(connection)) return false;
  // A head has one deadline, however slowly it drips in; each part of a body
  // has one of its own.
  if (before == Waiting::rest && result.requests == 0 &&
      !connection.framer.head_complete())
    connection.since.store(since, std::memory_order_relaxed);
  return true;
}

/// Sends in one call; what the client does not take now is kept.
bool Engine::send(Connection& connection, std::string& output) {
  if (output.empty()) return true;
  auto n =
      ::send(connection.fd.get(), output.data(), output.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
  n = std::max<ssize_t>(n, 0);
  if (static_cast<std::size_t>(n) == output.size()) return true;
  connection.output = std::exchange(output, {});
  connection.sent = static_cast<std::size_t>(n);
  wait(connection, Waiting::client);
  if (!pooled()) poller_.change(connection.fd.get(), EPOLLOUT, &connection);
  return true;
}

bool Engine::flush(Connection& connection, ThreadBuffers& buffers) {
  const auto rest = std::string_view{connection.output}.substr(connection.sent);
  const auto n =
      ::send(connection.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  connection.sent += static_cast<std::size_t>(n);
  if (connection.sent < connection.output.size()) {
    wait(connection, Waiting::client);
    return true;
  }
  std::string{}.swap(connection.output);
  connection.sent = 0;
  if (!pooled()) poller_.change(connection.fd.get(), EPOLLIN, &connection);
  if (!end_or_go_on(connection)) return false;
  if (connection.waiting != Waiting::rest) return true;
  return serve(connection, connection.input, buffers);
}

/// What a client sends that is not answered any more.
bool Engine::discard(Connection& connection, ThreadBuffers& buffers) {
  const auto n = ::recv(connection.fd.get(), buffers.input.data(),
                        buffers.input.size(), 0);
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
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
  wait(connection, connection.input.empty() ? Waiting::request : Waiting::rest);
  return true;
}

void Engine::wait(Connection& connection, Waiting what) {
  connection.since.store(tick_.load(std::memory_order_relaxed),
                         std::memory_order_relaxed);
  connection.waiting.store(what, std::memory_order_relaxed);
}

void Engine::close(Connection& connection) {
  counters_.connections.fetch_sub(1, std::memory_order_relaxed);
  poller_.remove(connection.fd.get());
  registry_.remove(connection);
  if (stopping_) finish_if_empty();
}

// --- time and the end ---

void Engine::on_tick() {
  if (!take(ticks_.get())) return;
  const std::uint32_t now = tick_.fetch_add(1) + 1;
  const Patience patience{server_.keep_alive_timeout(), server_.read_timeout(),
                          server_.write_timeout(), stopping_.load()};
  registry_.for_each([&](Connection& connection) {
    const auto since = connection.since.load(std::memory_order_relaxed);
    const auto waiting = connection.waiting.load(std::memory_order_relaxed);
    if (!expired(waiting, static_cast<std::int32_t>(now - since), patience))
      return;
    // Its own thread sees the end of the connection and closes it. An idle
    // one may just have received a request: that is still answered.
    const bool idle = waiting == Waiting::first || waiting == Waiting::request;
    ::shutdown(connection.fd.get(), idle ? SHUT_RD : SHUT_RDWR);
  });
  if (starved_.exchange(false)) {
    const std::lock_guard lock{accept_mutex_};
    if (!stopping_) resume_accepting();
  }
}

void Engine::on_stop() {
  if (!take(stop_.get())) return;
  const std::lock_guard lock{accept_mutex_};
  if (stopping_.exchange(true)) return;
  for (const Acceptor::Listener& listener : acceptor_.listeners())
    poller_.remove(listener.fd);
  acceptor_.accept_queued(
      [this](std::unique_ptr<Connection> c) { adopt(std::move(c)); });
  registry_.for_each([](Connection& connection) {
    if (connection.waiting == Waiting::request)
      ::shutdown(connection.fd.get(), SHUT_RD);
  });
  drained_ = true;
  finish_if_empty();
}

void Engine::finish_if_empty() {
  if (drained_ && registry_.size() == 0) give(finished_.get());
}

}  // namespace launch
