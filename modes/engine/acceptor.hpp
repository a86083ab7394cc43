#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "modes/base/descriptor.hpp"
#include "modes/engine/connection.hpp"
#include "modes/supervisor/scoreboard.hpp"

namespace launch {

/// Whether a worker may take the next connection or leaves it to a sibling:
/// it steps back while it has more than the worker with the fewest, so that a
/// few keep-alive connections spread over all workers. A connection that
/// nobody else took after `kPatience` steps back is taken nevertheless: the
/// worker with the fewest may be busy.
class AcceptTurn {
 public:
  static constexpr int kPatience = 3;

  /// `mine` and `fewest` are open connections.
  bool may_accept(std::int64_t mine, std::int64_t fewest);

 private:
  int steps_back_ = 0;
};

/// Why accepting stopped for now.
enum class AcceptPause {
  none,         ///< the queue is empty
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
  Acceptor(const std::vector<int>& listeners, Scoreboard& scoreboard, int seat);

  /// Hands each accepted connection to `take`, at most `most` of them.
  using Take = std::function<void(std::unique_ptr<Connection>)>;
  AcceptPause accept(const Listener& listener, int most, const Take& take);

  /// Accepts what is queued now, whoever's turn it is: for the end.
  void accept_queued(const Take& take);

  /// They stay where they are.
  std::vector<Listener>& listeners() { return listeners_; }

 private:
  bool my_turn();
  /// Nothing when the queue is empty or, with `*pause` set, cannot be emptied.
  std::unique_ptr<Connection> accept_one(const Listener& listener,
                                         AcceptPause& pause);

  std::vector<Listener> listeners_;
  Scoreboard& scoreboard_;
  Seat& mine_;
  AcceptTurn turn_;
};

}  // namespace launch
