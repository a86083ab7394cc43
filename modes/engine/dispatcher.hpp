#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/engine/connection.hpp"
#include "modes/engine/poller.hpp"
#include "modes/engine/service_time.hpp"
#include "modes/engine/source.hpp"

namespace launch {

/// Hands what is ready to the threads of an engine.
///
/// One thread at a time polls. What it finds goes into one queue, from which
/// every thread takes; only when that is empty does the next one poll. So a
/// thread that is never kept long serves batch after batch as a plain event
/// loop does, and costs no more than one, while the others sleep.
///
/// They join when they are needed:
/// - One of those that sleep watches: it looks up every kWatch while anything
///   goes on. When it finds that nothing was taken since it last looked, though
///   something may wait, a handler keeps its thread, and it takes over; when it
///   finds the same batch still being served, there is work for two.
/// - Once events were found to take long (ServiceTime), the next thread is
///   woken at once whenever one begins to serve, and no request waits at all.
///
/// Connections are registered once, edge-triggered. Connection::turn sees to it
/// that one thread at a time serves each, and that no event of it is lost.
class Dispatcher {
 public:
  static constexpr milliseconds kWatch{1};

  /// Throws std::system_error.
  explicit Dispatcher(std::size_t threads);

  Poller& poller() { return poller_; }
  /// What to register connections for.
  static constexpr std::uint32_t kInput = EPOLLIN | EPOLLRDHUP | EPOLLET;

  /// What the thread of that number, counted from 0, is to serve now; waits
  /// for it. Nothing once finish() was called. A connection goes back by
  /// done() or retire().
  Source* next(std::size_t thread);

  /// When what the thread serves now was found ready. For the thread itself.
  Clock::time_point found(std::size_t thread) const {
    return members_[thread].found;
  }

  /// The thread is done with a connection; another one may have it from now on.
  /// `again`: it must be served again, whatever comes.
  void done(Connection& connection, bool again);

  /// Keeps a connection that the thread has closed until no thread can hold a
  /// report of it any more.
  void retire(std::unique_ptr<Connection> connection);

  /// Lets all threads go, once they are done with what they serve.
  void finish();

 private:
  using Lock = std::unique_lock<std::mutex>;

  struct Member {
    std::deque<Connection*> own;  ///< that only this thread may serve
    std::condition_variable wake;
    bool parked = false;
    std::size_t served = 0;  ///< since `began`, for ServiceTime
    Clock::time_point began{};
    Clock::time_point found{};
  };

  Lock hold();
  Source* take(Member& me);
  void poll(Lock& lock);
  void deliver(Source& source, std::uint32_t events);
  void queue(Connection& connection);
  void park(Member& me, Lock& lock);
  bool look();
  void unpark(Member& member);
  void wake_another();
  void wake_watcher();
  void measure(Member& me);
  bool pooled() const { return members_.size() > 1; }

  Poller poller_;
  std::mutex mutex_;  ///< guards all below; not used by a single thread
  std::vector<Member> members_;
  std::vector<Source*> ready_;
  std::size_t next_ = 0;  ///< of ready_
  std::vector<std::unique_ptr<Connection>> retired_;
  bool polling_ = false;
  bool finished_ = false;
  Clock::time_point found_{};  ///< what the last poll found

  ServiceTime service_time_;
  std::vector<Member*> parked_;  ///< who came last, last
  Member* watcher_ = nullptr;    ///< one of them, if any
  bool dozing_ = false;          ///< the watcher: nothing goes on
  int calm_ = 0;                 ///< times it looked and nothing had gone on
  int behind_ = 0;               ///< times in a row it found the same batch
  std::size_t taken_ = 0;        ///< from ready_, ever
  std::size_t polls_ = 0;
  std::size_t taken_seen_ = 0;  ///< when the watcher last looked
  std::size_t polls_seen_ = 0;
};

}  // namespace launch
