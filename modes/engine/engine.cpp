#include "modes/engine/engine.hpp"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "modes/engine/sweep.hpp"
#include "modes/log.hpp"

namespace launch {
namespace {

constexpr std::size_t kAcceptsPerTurn = 64;
constexpr nanoseconds kStepBack = microseconds{500};

/// One that runs inline holds up the sweep, too.
bool times_handlers(const EngineLimits& limits,
                    const Engine::Options& options) {
  constexpr Limit kTime = Limit::request_time;
  return options.threads > 1 && limits[kTime] != row_of(kTime).preset;
}

ExchangeOptions exchange_options(const EngineLimits& limits,
                                 const Engine::Options& options,
                                 InProgress& in_progress,
                                 const std::atomic<std::uint32_t>& ticks) {
  ExchangeOptions result;
  result.limits = limits.framing();
  result.max_requests = limits[Limit::requests];
  result.in_progress = &in_progress;
  result.log = options.log;
  result.trusted = options.trusted;
  result.compress_min = limits[Limit::compress_min];
  if (times_handlers(limits, options)) result.ticks = &ticks;
  return result;
}

/// std::regex takes a stack of about 520 bytes for each character that it
/// matches: threads get as much as fibers, however little `ulimit -s` allows.
void deepen_stacks() {
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) != 0) return;
  std::size_t size = 0;
  ::pthread_attr_getstacksize(&attributes, &size);
  if (size < StackPool::kSize &&
      ::pthread_attr_setstacksize(&attributes, StackPool::kSize) == 0)
    ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

}  // namespace

Engine::Engine(HostedServer& server, const std::vector<int>& listeners,
               Scoreboard& scoreboard, const Options& options)
    : options_(options),
      limits_(options.limits, server),
      patience_(patience_of(limits_)),
      seat_(scoreboard.seat(options.seat)),
      acceptor_(listeners, scoreboard, options.seat, options.accept),
      in_progress_(limits_[Limit::in_progress]),
      exchange_(server, exchange_options(limits_, options, in_progress_, tick_),
                closing_),
      dispatcher_(static_cast<std::size_t>(options.threads)),
      poller_(dispatcher_.poller()),
      ticks_(Source::Kind::ticks, make_timer()),
      resume_(Source::Kind::resume, make_timer()),
      stop_(Source::Kind::stop, make_event()),
      finished_(Source::Kind::finished, make_event()) {
  if (times_handlers(limits_, options_))
    patience_.handler = limits_.time(Limit::request_time);
  seat_.threads = options_.threads;
  seat_.beat = coarse_ms();
  // cpp-httplib checks bodies for itself where it reads them.
  server.set_payload_max_length(limits_[Limit::body]);
  arm(ticks_.fd.get(), seconds{1}, seconds{1});
  for (WakeUp* const wake_up : {&ticks_, &resume_, &stop_})
    poller_.add(wake_up->fd.get(), EPOLLIN | EPOLLET, wake_up);
  // Whoever polls next is to see it too.
  poller_.add(finished_.fd.get(), EPOLLIN, &finished_);
}

Engine::~Engine() {
  give(finished_.fd.get());
  join();
}

void Engine::start() {
  for (Acceptor::Listener& listener : acceptor_.listeners())
    poller_.add(listener.fd, listener_events(), &listener);
  deepen_stacks();
  const auto threads = static_cast<std::size_t>(options_.threads);
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this, i] { run(i); });
}

void Engine::stop(Idle idle) {
  idle_ = idle;
  closing_ = true;
  give(stop_.fd.get());
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

void Engine::run(std::size_t thread) {
  ThreadBuffers buffers;
  buffers.thread = thread;
  if (thread < Seat::kShownThreads) buffers.running = &seat_.running[thread];
  while (Source* const source = dispatcher_.next(thread)) {
    seat_.beat.store(coarse_ms(), std::memory_order_relaxed);
    switch (source->kind) {
      case Source::Kind::connection:
        on_connection(static_cast<Connection&>(*source), buffers);
        break;
      case Source::Kind::listener:
        on_listener(static_cast<Acceptor::Listener&>(*source));
        break;
      case Source::Kind::ticks:
        on_tick();
        break;
      case Source::Kind::resume:
        on_resume();
        break;
      case Source::Kind::stop:
        on_stop();
        break;
      case Source::Kind::finished:
        dispatcher_.finish();
        break;
    }
  }
  end_streams(thread);
}

/// A thread's fibers end before it does.
void Engine::end_streams(std::size_t thread) {
  std::vector<std::unique_ptr<StreamedAnswer>> streams;
  registry_.for_each([&](Connection& connection) {
    if (connection.owner.load(std::memory_order_relaxed) == thread)
      streams.push_back(std::move(connection.streamed));
  });
}

// --- accepting ---

void Engine::on_listener(Acceptor::Listener& listener) {
  const std::lock_guard lock{accept_mutex_};
  // Another listener's connections may have brought about a pause just now.
  if (stopping_ || paused_) return;
  const std::size_t most =
      std::min(exclusive() ? std::size_t{1} : kAcceptsPerTurn, room());
  AcceptPause pause = acceptor_.accept(
      listener, static_cast<int>(most),
      [this](std::unique_ptr<Connection> c) { adopt(std::move(c)); });
  if (pause == AcceptPause::none && room() == 0)
    pause = AcceptPause::connections;
  if (pause != AcceptPause::none) {
    pause_accepting(pause);
  } else if (pooled() || exclusive()) {
    rearm(listener);
  }
}

void Engine::adopt(std::unique_ptr<Connection> connection) {
  const int fd = connection->fd.get();
  connection->since = tick_.load(std::memory_order_relaxed);
  Connection& kept = registry_.add(std::move(connection));
  if (!poller_.try_add(fd, Dispatcher::kInput, &kept)) close(kept);
}

/// How many more connections may be open.
std::size_t Engine::room() const {
  const std::size_t open = registry_.size();
  const std::size_t most = limits_[Limit::connections];
  return most > open ? most - open : 0;
}

void Engine::pause_accepting(AcceptPause pause) {
  paused_ = true;
  listen(false);
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
    arm(resume_.fd.get(), kStepBack);
  }
}

void Engine::resume_accepting() {
  paused_ = false;
  listen(true);
}

/// With several threads a listener is disarmed while one accepts; one that is
/// woken for alone cannot be.
std::uint32_t Engine::listener_events() const {
  if (exclusive()) return EPOLLIN | EPOLLEXCLUSIVE;
  return pooled() ? EPOLLIN | EPOLLONESHOT : EPOLLIN;
}

void Engine::listen(bool yes) {
  for (Acceptor::Listener& listener : acceptor_.listeners()) {
    if (yes) {
      rearm(listener);
    } else if (exclusive()) {
      poller_.remove(listener.fd);
    } else {
      poller_.change(listener.fd, 0, &listener);
    }
  }
}

/// Who waits for its turn to be woken does so behind all others from now on.
void Engine::rearm(Acceptor::Listener& listener) {
  if (!exclusive())
    return poller_.change(listener.fd, listener_events(), &listener);
  poller_.remove(listener.fd);
  poller_.add(listener.fd, listener_events(), &listener);
}

void Engine::on_resume() {
  if (!take(resume_.fd.get())) return;
  const std::lock_guard lock{accept_mutex_};
  if (!stopping_) resume_accepting();
}

// --- time and the end ---

void Engine::on_tick() {
  if (!take(ticks_.fd.get())) return;
  acceptor_.second_passed();
  const std::uint32_t now = tick_.fetch_add(1) + 1;
  Patience patience = patience_;
  patience.stopping = stopping_.load();
  std::size_t late = 0;
  registry_.for_each([&](Connection& connection) {
    if (sweep(connection, now, patience)) ++late;
  });
  if (late > 0)
    log_warning(
        "{} requests were answered 504, as their handlers take too long; see "
        "--request-timeout",
        late);
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
  if (!take(stop_.fd.get())) return;
  const std::lock_guard lock{accept_mutex_};
  if (stopping_.exchange(true)) return;
  for (const Acceptor::Listener& listener : acceptor_.listeners())
    poller_.remove(listener.fd);
  acceptor_.accept_queued(
      [this](std::unique_ptr<Connection> c) { adopt(std::move(c)); });
  registry_.for_each([this](Connection& connection) {
    if (connection.waiting != Waiting::request) return;
    if (idle_ == Idle::close) ::shutdown(connection.fd.get(), SHUT_RD);
    connection.since = tick_.load();
  });
  drained_ = true;
  finish_if_empty();
}

void Engine::finish_if_empty() {
  if (drained_ && registry_.size() == 0) give(finished_.fd.get());
}

}  // namespace launch
