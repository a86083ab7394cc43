// Several threads, and what each of them knows of the others' connections.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "bench/reference/alternatives.hpp"

namespace launch::bench {
namespace {

/// Runs `body(0)` to `body(threads - 1)`, one of them on this thread.
template <typename Body>
void run_on_threads(int threads, Body body) {
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i)
    others.emplace_back([&body, i] { body(i); });
  body(0);
}

/// A connection that only the thread with its event uses. The kernel sees to
/// that, but only an atomic makes it known to the language.
class HandedOver {
 public:
  Conversation& take() {
    given_.load(std::memory_order_acquire);
    return conversation_;
  }
  void give() { given_.store(true, std::memory_order_release); }

 private:
  std::atomic<bool> given_{false};
  Conversation conversation_;
};

/// Connections that are edge-triggered in an epoll instance of all threads. An
/// event takes the connection's turn, and with it the duty to serve it; who has
/// it looks again when there was another event meanwhile.
class Turns {
 public:
  explicit Turns(const ConstantAnswer& answer) : answer_(answer) {}

  /// True for the thread that must serve() the connection.
  bool take(int fd, std::uint32_t events) {
    return clients_[fd].events.fetch_or(events | kTaken) == 0;
  }

  void serve(int fd, Buffer& buffer) {
    auto& [pending, conversation] = clients_[fd];
    std::uint32_t taken = kTaken;
    do {
      const std::uint32_t events = pending.exchange(kTaken);
      // Nothing is open when the event was on its way while another thread
      // closed: what is then opened under that number must not be closed.
      errno = 0;
      if (!serve_edge(fd, events, conversation, answer_, buffer) &&
          errno != EBADF)
        close_connection(fd, conversation);
      taken = kTaken;
    } while (!pending.compare_exchange_strong(taken, 0));
  }

 private:
  struct Client {
    std::atomic<std::uint32_t> events{0};  ///< not yet looked at, and kTaken
    Conversation conversation;
  };

  static constexpr std::uint32_t kTaken = 1u << 27;  // no event of epoll

  const ConstantAnswer& answer_;
  ByDescriptor<Client> clients_;
};

/// Connections with something to do, from the thread that polls to whichever is
/// free. It polls only when there is nothing else to do, and whoever is free
/// then polls in its place: a connection that is ready never waits while a
/// thread is idle.
class Handoff {
 public:
  explicit Handoff(const Given& given) : given_(given), turns_(given.answer) {
    epoll_.add(given.stop, EPOLLIN);
    epoll_.add(given.listener, EPOLLIN);
  }

  /// What each thread does.
  void work() {
    Buffer buffer;
    for (int fd = 0; (fd = take()) >= 0;) turns_.serve(fd, buffer);
  }

 private:
  static constexpr std::size_t kBatch = 128;

  /// The next connection to serve; below 0 at the end.
  int take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (stopped_) return -1;
      if (!ready_.empty()) return take_first();
      if (polling_) {
        changed_.wait(lock);
        continue;
      }
      polling_ = true;
      lock.unlock();
      poll();
      lock.lock();
      polling_ = false;
      ready_.insert(ready_.end(), polled_.begin(), polled_.end());
      if (stopped_ || ready_.empty()) continue;
      const int first = take_first();
      const std::size_t to_wake = ready_.size() + 1;  // and one that polls
      lock.unlock();
      wake(to_wake);
      return first;
    }
  }

  int take_first() {
    const int fd = ready_.front();
    ready_.pop_front();
    return fd;
  }

  /// Waits for those that are ready and whose turn can be taken.
  void poll() {
    polled_.clear();
    std::array<epoll_event, kBatch> events;
    for (const epoll_event& event : epoll_.wait(events)) {
      const int fd = event.data.fd;
      if (fd == given_.stop)
        stop();
      else if (fd == given_.listener)
        accept_all(fd, [&](int accepted) { epoll_.add(accepted, kEdge); });
      else if (turns_.take(fd, event.events))
        polled_.push_back(fd);
    }
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  void wake(std::size_t count) {
    const auto others = static_cast<std::size_t>(given_.threads - 1);
    for (std::size_t i = 0; i < std::min(count, others); ++i)
      changed_.notify_one();
  }

  const Given& given_;
  const Epoll epoll_;
  Turns turns_;
  std::vector<int> polled_;  ///< of the thread that polls
  std::mutex mutex_;         ///< of what follows
  std::condition_variable changed_;
  std::deque<int> ready_;
  bool polling_ = false;
  bool stopped_ = false;
};

}  // namespace

void serve_shared_oneshot(const Given& given) {
  const Epoll epoll;
  epoll.add(given.stop, EPOLLIN);
  epoll.add(given.listener, EPOLLIN | EPOLLONESHOT);
  ByDescriptor<HandedOver> clients;
  const auto serve = [&](int fd, Buffer& buffer) {
    if (fd == given.listener) {
      accept_all(fd, [&](int accepted) {
        epoll.add(accepted, EPOLLIN | EPOLLONESHOT);
      });
      return epoll.change(fd, EPOLLIN | EPOLLONESHOT);
    }
    Conversation& conversation = clients[fd].take();
    const Look look = look_at(fd, conversation, given.answer, buffer);
    if (look == Look::over) {
      conversation = {};
      clients[fd].give();
      ::close(fd);
      return;
    }
    clients[fd].give();
    const std::uint32_t next = look == Look::full ? EPOLLOUT : EPOLLIN;
    epoll.change(fd, next | EPOLLONESHOT);
  };
  run_on_threads(given.threads, [&](int) {
    Buffer buffer;
    serve_events<1>(epoll, given.stop,
                    [&](int fd, std::uint32_t) { serve(fd, buffer); });
  });
}

void serve_shared_edge(const Given& given) {
  const Epoll epoll;
  epoll.add(given.stop, EPOLLIN);
  epoll.add(given.listener, EPOLLIN | EPOLLET);
  Turns turns(given.answer);
  run_on_threads(given.threads, [&](int) {
    Buffer buffer;
    serve_events<1>(epoll, given.stop, [&](int fd, std::uint32_t events) {
      if (fd == given.listener)
        accept_all(fd, [&](int accepted) { epoll.add(accepted, kEdge); });
      else if (turns.take(fd, events))
        turns.serve(fd, buffer);
    });
  });
}

void serve_handoff(const Given& given) {
  Handoff handoff(given);
  run_on_threads(given.threads, [&](int) { handoff.work(); });
}

void serve_loops(const Given& given) {
  const std::vector<Epoll> loops(static_cast<std::size_t>(given.threads));
  for (const Epoll& loop : loops) loop.add(given.stop, EPOLLIN);
  loops.front().add(given.listener, EPOLLIN);
  std::size_t dealt = 0;
  const auto deal = [&](int accepted) {
    loops[dealt++ % loops.size()].add(accepted, EPOLLIN);
  };
  run_on_threads(given.threads, [&](int thread) {
    const Epoll& loop = loops[static_cast<std::size_t>(thread)];
    ByDescriptor<Conversation> conversations;  // of this loop
    Buffer buffer;
    serve_events<256>(loop, given.stop, [&](int fd, std::uint32_t) {
      if (fd == given.listener)
        accept_all(fd, deal);
      else
        serve_level(loop, fd, conversations[fd], given.answer, buffer);
    });
  });
}

}  // namespace launch::bench
