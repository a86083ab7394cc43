#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/supervisor/listener.hpp"

namespace launch {

/// One connection to the control plane. Whoever serves it takes from `input`,
/// appends to `output`, and says with the two flags what comes next.
struct PolledClient {
  /// What it is in the middle of: each has its time.
  enum class Phase { idle, receiving, sending, ending, waiting };

  Descriptor fd;
  std::uint64_t id = 0;    ///< never used twice
  std::string input;       ///< received, not yet understood
  std::string output;      ///< not yet sent
  bool finished = false;   ///< no more is read; ends once `output` is sent
  bool waiting = false;    ///< for us: it may be silent as long as it likes
  bool sends_more = true;  ///< false once it has ended its direction
  bool again = false;      ///< its input is to be looked at, come what may
  Phase phase = Phase::idle;
  Clock::time_point due;  ///< of this phase: cut then
};

struct ClientRules {
  std::size_t most = 32;        ///< connections; more of them wait unaccepted
  milliseconds patience{5000};  ///< for the rest of a message, each way
  milliseconds idle{5000};      ///< for the first byte of a message
  /// Whether whoever connected may; null: everybody may.
  bool (*admits)(int fd) = nullptr;
};

/// The connections of a few listeners, served by somebody's poll loop: no call
/// blocks, throws for what a client does, or does more than a little work. A
/// client that is slow, silent or sends for ever costs itself its connection.
class PolledClients {
 public:
  PolledClients(std::vector<Bound> listeners, const ClientRules& rules)
      : listeners_(std::move(listeners)), rules_(rules) {}

  const std::vector<Bound>& listeners() const { return listeners_; }

  /// Appends what is to be polled.
  void add_to(std::vector<pollfd>& polled);

  /// When serve() must be called at the latest; max() means never.
  Clock::time_point deadline() const;

  /// Takes the result of the poll that add_to() prepared, and calls `on_input`
  /// for each client with input, which is to take one message, if there is a
  /// whole one. Nothing more is read from a client while it is owed an answer.
  void serve(std::span<const pollfd> polled, Clock::time_point now,
             const std::function<void(PolledClient&)>& on_input);

  /// Null once it is gone.
  PolledClient* find(std::uint64_t id);

  /// Sends what the client takes now; the rest follows as it is polled.
  void send(PolledClient& client, Clock::time_point now);

  std::size_t size() const { return clients_.size(); }

 private:
  void accept_from(const Bound& listener, Clock::time_point now);
  void serve(PolledClient& client, short events, Clock::time_point now,
             const std::function<void(PolledClient&)>& on_input);
  static void receive(PolledClient& client, short events);
  void begin(PolledClient& client, PolledClient::Phase phase,
             Clock::time_point now) const;
  bool is_full() const { return clients_.size() >= rules_.most; }

  std::vector<Bound> listeners_;
  ClientRules rules_;
  std::list<PolledClient>
      clients_;            ///< a list, so that they stay where they are
  std::size_t first_ = 0;  ///< of what was polled, the first that is ours
  std::uint64_t last_id_ = 0;
  /// Out of descriptors: until then the listeners are left alone.
  Clock::time_point accepts_again_{};
};

}  // namespace launch
