#include "modes/engine/dispatcher.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace launch {
namespace {

constexpr std::size_t kEventsPerWait = 128;
/// Events after which a thread that is never out of work is measured.
constexpr std::size_t kMeasured = 64;
/// So many looks at one batch show that it is too much for who serves it.
constexpr int kBehind = 2;
/// After so many looks at nothing the watcher sleeps until it is woken.
constexpr int kCalm = 4;

}  // namespace

Dispatcher::Dispatcher(std::size_t threads) : members_(threads) {
  ready_.reserve(kEventsPerWait);
}

Dispatcher::Lock Dispatcher::hold() { return pooled() ? Lock{mutex_} : Lock{}; }

Source* Dispatcher::next(std::size_t thread) {
  Member& me = members_[thread];
  Lock lock = hold();
  while (!finished_) {
    if (Source* const source = take(me)) return source;
    measure(me);
    if (polling_) {
      park(me, lock);
    } else {
      poll(lock);
    }
  }
  return nullptr;
}

Source* Dispatcher::take(Member& me) {
  Source* source = nullptr;
  if (!me.own.empty()) {
    source = me.own.front();
    me.own.pop_front();
  } else if (next_ < ready_.size()) {
    source = ready_[next_++];
    if (next_ == ready_.size()) {
      ready_.clear();
      next_ = 0;
    }
  } else {
    return nullptr;
  }
  me.found = found_;
  // All that came until now will be seen by who serves it.
  if (source->kind == Source::Kind::connection)
    static_cast<Connection*>(source)->turn.store(Turn::taken,
                                                 std::memory_order_relaxed);
  if (!pooled()) return source;
  ++taken_;
  if (me.served == kMeasured) measure(me);
  if (me.served++ == 0) me.began = Clock::now();
  if (service_time_.slow() && (next_ < ready_.size() || !polling_))
    wake_another();
  return source;
}

void Dispatcher::poll(Lock& lock) {
  std::array<epoll_event, kEventsPerWait> events;
  polling_ = true;
  {
    // What was closed before this wait is not reported by it.
    const auto gone = std::exchange(retired_, {});
    if (pooled()) lock.unlock();
  }
  const std::size_t count = poller_.wait(events);
  if (pooled()) lock.lock();
  found_ = Clock::now();
  polling_ = false;
  ++polls_;
  for (std::size_t i = 0; i < count; ++i)
    deliver(*static_cast<Source*>(events[i].data.ptr), events[i].events);
  if (dozing_) wake_watcher();
}

void Dispatcher::deliver(Source& source, std::uint32_t events) {
  if (source.kind != Source::Kind::connection) {
    ready_.push_back(&source);
    return;
  }
  auto& connection = static_cast<Connection&>(source);
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
    connection.ended.store(true, std::memory_order_relaxed);
  // A thread that has it, or will, looks again before it is done.
  if (connection.turn.exchange(Turn::again, std::memory_order_acq_rel) ==
      Turn::idle)
    queue(connection);
}

void Dispatcher::queue(Connection& connection) {
  const std::size_t thread = connection.owner.load(std::memory_order_relaxed);
  if (thread == Connection::kAnyThread) {
    ready_.push_back(&connection);
    return;
  }
  Member& owner = members_[thread];
  owner.own.push_back(&connection);
  if (owner.parked) unpark(owner);
}

void Dispatcher::done(Connection& connection, bool again) {
  if (!again) {
    if (!pooled()) {
      connection.turn.store(Turn::idle, std::memory_order_relaxed);
      return;
    }
    Turn turn = Turn::taken;
    if (connection.turn.compare_exchange_strong(turn, Turn::idle,
                                                std::memory_order_acq_rel,
                                                std::memory_order_acquire))
      return;
  }
  const Lock lock = hold();
  queue(connection);
}

void Dispatcher::retire(std::unique_ptr<Connection> connection) {
  const Lock lock = hold();
  retired_.push_back(std::move(connection));
}

void Dispatcher::finish() {
  const Lock lock = hold();
  finished_ = true;
  while (!parked_.empty()) unpark(*parked_.back());
}

// --- who sleeps, and who is woken ---

void Dispatcher::park(Member& me, Lock& lock) {
  me.parked = true;
  parked_.push_back(&me);
  if (watcher_ == nullptr) {
    watcher_ = &me;
    dozing_ = false;
    calm_ = 0;
    behind_ = 0;
  }
  while (me.parked) {
    if (watcher_ != &me || dozing_) {
      me.wake.wait(lock);
    } else if (me.wake.wait_for(lock, kWatch) == std::cv_status::timeout &&
               me.parked && watcher_ == &me && look()) {
      unpark(me);
    }
  }
}

/// Whether the watcher is needed.
bool Dispatcher::look() {
  const bool went_on = std::exchange(taken_seen_, taken_) != taken_;
  const bool same_batch = std::exchange(polls_seen_, polls_) == polls_;
  behind_ = same_batch && next_ < ready_.size() ? behind_ + 1 : 0;
  if (!went_on && !polling_) {
    service_time_.stuck();
    return true;
  }
  if (behind_ == kBehind) return true;
  calm_ = went_on ? 0 : calm_ + 1;
  dozing_ = calm_ == kCalm;
  return false;
}

void Dispatcher::unpark(Member& member) {
  parked_.erase(std::find(parked_.begin(), parked_.end(), &member));
  member.parked = false;
  member.wake.notify_one();
  if (watcher_ != &member) return;
  watcher_ = parked_.empty() ? nullptr : parked_.back();
  dozing_ = false;
  if (watcher_ != nullptr) wake_watcher();
}

/// Rather one that does not watch: nobody then has to take over from it.
void Dispatcher::wake_another() {
  if (parked_.empty()) return;
  Member* member = parked_.back();
  if (member == watcher_ && parked_.size() > 1)
    member = parked_[parked_.size() - 2];
  unpark(*member);
}

void Dispatcher::wake_watcher() {
  dozing_ = false;
  calm_ = 0;
  behind_ = 0;
  taken_seen_ = taken_;
  polls_seen_ = polls_;
  watcher_->wake.notify_one();
}

void Dispatcher::measure(Member& me) {
  if (!pooled() || me.served == 0) return;
  service_time_.add(Clock::now() - me.began, me.served);
  me.served = 0;
}

}  // namespace launch
