#include "modes/engine/engine.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "modes/engine/sweep.hpp"
#include "modes/log.hpp"

namespace launch {
namespace {

constexpr int kEventsPerWait = 128;
constexpr std::size_t kAcceptsPerTurn = 64;
constexpr nanoseconds kStepBack = microseconds{500};

ExchangeOptions exchange_options(const EngineLimits& limits,
                                 const Engine::Options& options,
                                 InProgress& in_progress) {
  ExchangeOptions result;
  result.limits = limits.framing();
  result.max_requests = limits[Limit::requests];
  result.write = patience_of(limits).write;
  result.in_progress = &in_progress;
  result.log = options.log;
  result.trusted = options.trusted;
  return result;
}

}  // namespace

Engine::Engine(HostedServer& server, const std::vector<int>& listeners,
               Scoreboard& scoreboard, const Options& options)
    : options_(options),
      limits_(options.limits, server),
      patience_(patience_of(limits_)),
      counters_(scoreboard.worker(options.worker_id)),
      acceptor_(listeners, scoreboard, options.worker_id),
      in_progress_(limits_[Limit::in_progress]),
      exchange_(server, exchange_options(limits_, options, in_progress_),
                closing_),
      ticks_(make_timer()),
      resume_(make_timer()),
      stop_(make_event()),
      finished_(make_event()) {
  // cpp-httplib checks bodies for itself where it reads them.
  server.set_payload_max_length(limits_[Limit::body]);
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
  const std::size_t most = std::min(kAcceptsPerTurn, room());
  AcceptPause pause = acceptor_.accept(
      listener, static_cast<int>(most),
      [this](std::unique_ptr<Connection> c) { adopt(std::move(c)); });
  if (pause == AcceptPause::none && room() == 0)
    pause = AcceptPause::connections;
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

/// How many more connections may be open.
std::size_t Engine::room() const {
  const std::size_t open = registry_.size();
  const std::size_t most = limits_[Limit::connections];
  return most > open ? most - open : 0;
}

void Engine::pause_accepting(AcceptPause pause) {
  paused_ = true;
  listen_for(0);
  if (pause == AcceptPause::descriptors) {
    log_warning("no file descriptors are left: accepting pauses for a second");
    starved_ = true;  // the next tick tries again
  } else if (pause == AcceptPause::connections) {
    if (!std::exchange(told_full_, true))
      log_warning(
          "{} connections are open: accepting pauses until one closes, now and "
          "whenever it is so again; see --max-connections",
          limits_[Limit::connections]);
    full_ = true;
    // One may have closed before it could know.
    if (room() > 0 && full_.exchange(false)) resume_accepting();
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

// --- time and the end ---

void Engine::on_tick() {
  if (!take(ticks_.get())) return;
  const std::uint32_t now = tick_.fetch_add(1) + 1;
  Patience patience = patience_;
  patience.stopping = stopping_.load();
  registry_.for_each(
      [&](Connection& connection) { sweep(connection, now, patience); });
  if (const std::size_t refused = in_progress_.take_refused(); refused > 0)
    log_warning(
        "{} requests were answered 503, as too many are in progress; see "
        "--max-in-progress",
        refused);
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
