#include "bench/load/load.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <stdexcept>
#include <system_error>

#include <fmt/core.h>

#include "bench/load/connection.hpp"
#include "bench/load/expense.hpp"
#include "bench/load/random.hpp"
#include "bench/load/recorder.hpp"
#include "bench/load/request.hpp"

namespace launch::bench {
namespace {

using Step = Connection::Step;

constexpr milliseconds kCancelLatency{100};
/// Before a connection is tried again of which nothing good ever came.
constexpr milliseconds kRetryPause{10};
constexpr std::size_t kBufferSize = 64 * 1024;

void check(const LoadPlan& plan) {
  if (plan.connections < 1)
    throw std::invalid_argument("the load needs at least one connection");
  if (plan.duration <= milliseconds::zero())
    throw std::invalid_argument("the load needs a duration above 0 ms");
  if (plan.timeout <= milliseconds::zero())
    throw std::invalid_argument("the load needs a time-out above 0 ms");
  if (plan.warmup < milliseconds::zero())
    throw std::invalid_argument("a warm-up cannot be shorter than 0 ms");
  if (plan.pause < milliseconds::zero())
    throw std::invalid_argument("a pause cannot be shorter than 0 ms");
}

/// The plan's requests, which ask for the close where it is wanted.
std::vector<RequestKind> requests_of(const LoadPlan& plan) {
  std::vector<RequestKind> kinds = plan.mix;
  if (!plan.keep_alive)
    for (RequestKind& kind : kinds)
      kind.headers.emplace_back("Connection", "close");
  return kinds;
}

/// A connection with its times.
struct TimedConnection : Connection {
  using Connection::Connection;

  Clock::time_point sent_at;
  Clock::time_point due;  ///< of the time-out, or of the next attempt
};

/// Keeps all connections busy. Time passes in `now_`, which is read once per
/// complete answer and after each wait.
class Generator {
 public:
  Generator(const LoadPlan& plan, LoadObserver* observer,
            const std::atomic<bool>* cancelled)
      : endpoint_(resolve(plan.host, plan.port)),
        mix_(requests_of(plan), plan.host, plan.port, plan.seed),
        timeout_(plan.timeout),
        keep_alive_(plan.keep_alive),
        pause_(plan.pause),
        random_(plan.seed),
        observer_(observer),
        polls_(plan.polls),
        cancelled_(cancelled),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        buffer_(kBufferSize),
        events_(static_cast<std::size_t>(plan.connections)) {
    if (!epoll_)
      throw std::system_error(errno, std::generic_category(),
                              "cannot create the load's epoll descriptor");
    for (int i = 0; i < plan.connections; ++i) {
      auto& connection =
          connections_.emplace_back(endpoint_, epoll_.get(), buffer_);
      advance(connection, open(connection));
    }
  }

  /// Generates load until `end` or until cancelled. What is in flight then
  /// stays so. Returns when it really ended.
  Clock::time_point run_until(Clock::time_point end) {
    now_ = Clock::now();
    while (now_ < end && !is_cancelled()) {
      if (now_ >= next_due_) handle_due();
      handle_events(std::min(end, next_due_));
    }
    return now_;
  }

  /// Sends nothing more and waits until every request that was sent has its
  /// answer or is over its time.
  void drain() {
    draining_ = true;
    for (TimedConnection& connection : connections_)
      if (connection.is_resting() || connection.is_closed()) close(connection);
    now_ = Clock::now();
    while (!all_closed()) {
      if (now_ >= next_due_) handle_due();
      handle_events(next_due_);
    }
  }

  /// Counts from zero. What came before that and was not read yet, because a
  /// hook ran, is not part of it: its times would be the hook's.
  Clock::time_point begin_interval() {
    now_ = Clock::now();
    handle_events(now_);
    recorder_.clear();
    return now_ = Clock::now();
  }

  bool is_cancelled() const {
    return cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed);
  }

  void move_into(LoadResult& result) { recorder_.move_into(result); }

  std::ptrdiff_t in_flight() const {
    return std::count_if(connections_.begin(), connections_.end(),
                         [](const TimedConnection& connection) {
                           return connection.is_waiting();
                         });
  }

 private:
  Step open(TimedConnection& connection) {
    connection.sent_at = now_;
    set_due(connection, now_ + timeout_);
    return connection.open();
  }

  Step send(TimedConnection& connection) {
    // A connection of its own is part of what its request takes.
    if (keep_alive_) connection.sent_at = now_;
    set_due(connection, now_ + timeout_);
    return connection.send(mix_.next());
  }

  /// Until further notice: nothing comes due.
  void close(TimedConnection& connection) {
    connection.close();
    connection.due = Clock::time_point::max();
  }

  bool all_closed() const {
    return std::all_of(connections_.begin(), connections_.end(),
                       [](const TimedConnection& connection) {
                         return connection.is_closed();
                       });
  }

  /// Ends the connection, or keeps it, until its next request is due.
  void pause(TimedConnection& connection) {
    if (keep_alive_ && connection.is_reusable())
      connection.rest();
    else
      connection.close();
    set_due(connection, now_ + std::chrono::duration_cast<Clock::duration>(
                                   pause_ * next_share(random_)));
  }

  /// What follows an answer; pending where the connection has to wait.
  Step go_on(TimedConnection& connection) {
    if (draining_) {
      close(connection);
    } else if (pause_ > milliseconds::zero()) {
      pause(connection);
    } else {
      return keep_alive_ && connection.is_reusable() ? send(connection)
                                                     : open(connection);
    }
    return Step::pending;
  }

  /// What follows a failure.
  Step try_again(TimedConnection& connection) {
    if (draining_) {
      close(connection);
      return Step::pending;
    }
    if (connection.has_answered()) return open(connection);
    connection.close();
    set_due(connection, now_ + kRetryPause);
    return Step::pending;
  }

  /// Does what follows from `step` until the connection has to wait.
  void advance(TimedConnection& connection, Step step) {
    for (;;) {
      switch (step) {
        case Step::pending:
          return;
        case Step::connected:
          now_ = Clock::now();
          step = send(connection);
          break;
        case Step::answered:
          now_ = Clock::now();
          recorder_.answered(connection.status(), now_ - connection.sent_at,
                             [&] { return connection.describe_status(); });
          if (observer_ != nullptr)
            observer_->on_answer(now_, connection.status(),
                                 now_ - connection.sent_at);
          step = go_on(connection);
          break;
        case Step::failed:
          recorder_.failed(connection.error(),
                           [&] { return connection.describe_failure(); });
          if (observer_ != nullptr)
            observer_->on_failure(now_, connection.error());
          step = try_again(connection);
      }
    }
  }

  /// Waits for events, at most until `limit`, and acts on them.
  void handle_events(Clock::time_point limit) {
    const int ready = wait(limit);
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events_[static_cast<std::size_t>(i)];
      auto& connection = static_cast<TimedConnection&>(
          *static_cast<Connection*>(event.data.ptr));
      advance(connection, connection.on_events(event.events));
    }
  }

  Step on_due(TimedConnection& connection) {
    if (connection.is_closed()) return open(connection);
    if (connection.is_resting()) return send(connection);
    return connection.time_out();
  }

  void set_due(TimedConnection& connection, Clock::time_point due) {
    connection.due = due;
    next_due_ = std::min(next_due_, due);
  }

  /// `next_due_` is the earliest of all when this has looked at them; later
  /// requests only come due later, so that sending one costs no bookkeeping.
  void handle_due() {
    next_due_ = Clock::time_point::max();
    for (TimedConnection& connection : connections_) {
      if (connection.due <= now_) advance(connection, on_due(connection));
      next_due_ = std::min(next_due_, connection.due);
    }
  }

  int wait(Clock::time_point until) {
    const auto limit = std::clamp<Clock::duration>(
        until - now_, Clock::duration::zero(), kCancelLatency);
    const int ready = ::epoll_wait(
        epoll_.get(), events_.data(), static_cast<int>(events_.size()),
        polls_
            ? 0
            : static_cast<int>(std::chrono::ceil<milliseconds>(limit).count()));
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(),
                              "cannot wait for answers");
    now_ = Clock::now();
    return ready;
  }

  const Endpoint endpoint_;
  RequestMix mix_;
  const milliseconds timeout_;
  const bool keep_alive_;
  const milliseconds pause_;
  std::uint64_t random_;
  LoadObserver* const observer_;
  const bool polls_;
  const std::atomic<bool>* const cancelled_;
  Descriptor epoll_;
  std::vector<char> buffer_;
  std::vector<epoll_event> events_;
  std::deque<TimedConnection> connections_;
  Recorder recorder_;
  Clock::time_point now_ = Clock::now();
  Clock::time_point next_due_ = Clock::time_point::max();
  bool draining_ = false;
};

}  // namespace

LoadResult run_load(const LoadPlan& plan, const LoadHooks& hooks,
                    const std::atomic<bool>* cancelled) {
  check(plan);
  LoadResult result;
  Generator generator(plan, hooks.observer, cancelled);
  generator.run_until(Clock::now() + plan.warmup);
  if (generator.is_cancelled()) {
    result.interrupted = true;
    return result;
  }

  if (hooks.on_begin) hooks.on_begin();
  const Clock::time_point begin = generator.begin_interval();
  const Expense expense;
  const Clock::time_point end = generator.run_until(begin + plan.duration);
  if (plan.drains) generator.drain();
  result.duration_s = to_seconds(end - begin);
  expense.write_into(result);
  result.interrupted = generator.is_cancelled() && end < begin + plan.duration;
  if (hooks.on_end) hooks.on_end();

  generator.move_into(result);
  if (result.requests == 0 && result.errors.total() == 0)
    result.first_error = fmt::format(
        "no answer came within the measured {} ms; {} requests were waiting "
        "for theirs",
        std::chrono::duration_cast<milliseconds>(end - begin).count(),
        generator.in_flight());
  return result;
}

}  // namespace launch::bench
