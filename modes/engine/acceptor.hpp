#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "modes/base/descriptor.hpp"
#include "modes/engine/accept_strategy.hpp"
#include "modes/engine/connection.hpp"
#include "modes/supervisor/scoreboard.hpp"

namespace launch {

/// Whether a worker takes the next connection or leaves it to a sibling.
///
/// It steps back while it has more than the worker with the fewest, so that a
/// few keep-alive connections spread over all workers. A connection that nobody
/// else took after `kPatience` steps back is taken nevertheless: the worker
/// with the fewest may be busy.
///
/// That takes time, which only pays where connections last. While they come and
/// go with one request each, which says that it is the last, a worker takes one
/// for every time it looks, and more only up to the fewest.
class AcceptTurn {
 public:
  static constexpr int kPatience = 3;
  /// So many more brief connections than lasting ones show that they are brief.
  static constexpr int kBrief = 16;

  enum class Answer {
    take,
    step_back,  ///< and look again after a while
    leave,      ///< for what else there is to do, then look again
  };

  /// `mine` and `fewest` are open connections; `taken` those since it looked.
  Answer ask(std::int64_t mine, std::int64_t fewest, int taken);

  /// A connection was closed. `brief`: as its first request asked for. From any
  /// thread.
  void closed(bool brief);
  /// What was seen fades: half of it in a second. From any thread.
  void second_passed();

 private:
  int steps_back_ = 0;
  std::atomic<int> brief_{0};  ///< brief connections less lasting ones, lately
};

/// Why accepting stopped for now.
enum class AcceptPause {
  none,         ///< the queue is empty, or the rest of it can wait
  turn,         ///< a sibling should take the next one
  descriptors,  ///< there are none left
  connections,  ///< as many are open as may be
};

/// Accepts from (possibly shared) listening sockets. Connections of all of
/// them count alike when it is decided whose turn it is.
class Acceptor {
 public:
  struct Listener : Source {
    explicit Listener(int descriptor, PeerAddress address = {})
        : Source(Kind::listener), fd(descriptor), local(std::move(address)) {}

    int fd;
    /// Of every connection, where it need not be asked for: of a Unix socket.
    PeerAddress local;
  };

  /// `seat` is ours.
  Acceptor(const std::vector<int>& listeners, Scoreboard& scoreboard, int seat,
           AcceptStrategy strategy = AcceptStrategy::shared);

  /// Hands each accepted connection to `take`, at most `most` of them.
  using Take = std::function<void(std::unique_ptr<Connection>)>;
  AcceptPause accept(const Listener& listener, int most, const Take& take);

  /// Accepts what is queued now, whoever's turn it is: for the end.
  void accept_queued(const Take& take);

  /// From any thread: see AcceptTurn.
  void closed(bool brief) { turn_.closed(brief); }
  void second_passed() { turn_.second_passed(); }

  /// They stay where they are.
  std::vector<Listener>& listeners() { return listeners_; }

 private:
  AcceptTurn::Answer ask(int taken);
  /// Nothing when the queue is empty or, with `*pause` set, cannot be emptied.
  std::unique_ptr<Connection> accept_one(const Listener& listener,
                                         AcceptPause& pause);

  std::vector<Listener> listeners_;
  Scoreboard& scoreboard_;
  Seat& mine_;
  AcceptTurn turn_;
  bool takes_turns_;  ///< else the kernel says whose turn it is
};

}  // namespace launch
