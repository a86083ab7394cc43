#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/control/control_message.hpp"
#include "modes/control/polled_clients.hpp"
#include "modes/control/status.hpp"
#include "modes/supervisor/listener.hpp"

namespace launch {

/// What a client of the control socket asked for and waits for.
struct ControlRequest {
  std::uint64_t ticket = 0;  ///< for reply()
  ControlKind kind = ControlKind::reload;
  int number = 0;  ///< of workers, for scale

  bool operator==(const ControlRequest&) const = default;
};

/// The control socket, within the thread and the poll loop of whoever runs the
/// service: status and workers are answered at once, the rest is handed out.
/// Serves only processes of this user and of root. No client can block it, and
/// none makes it throw.
class ControlServer {
 public:
  explicit ControlServer(std::vector<Bound> listeners);

  void add_to(std::vector<pollfd>& polled) { clients_.add_to(polled); }

  /// Takes the result of the poll that add_to() prepared.
  void serve(std::span<const pollfd> polled,
             const std::function<ServiceStatus()>& status,
             Clock::time_point now = Clock::now());

  /// When serve() must be called at the latest; max() means never.
  Clock::time_point deadline() const { return clients_.deadline(); }

  /// What was asked for since the last call.
  std::vector<ControlRequest> take() { return std::exchange(requests_, {}); }

  /// Answers one of them, with a sentence or nothing; its client may be gone.
  /// Who asked for a stop then keeps the connection to see the end.
  void reply(std::uint64_t ticket, bool ok, std::string_view message,
             Clock::time_point now = Clock::now());

 private:
  void answer(PolledClient& client,
              const std::function<ServiceStatus()>& status);
  void answer(PolledClient& client, std::string_view line,
              const std::function<ServiceStatus()>& status);

  struct Pending {
    std::uint64_t ticket;
    std::uint64_t client;
    ControlKind kind;
  };

  PolledClients clients_;
  std::vector<ControlRequest> requests_;
  std::vector<Pending> pending_;
  std::uint64_t last_ticket_ = 0;
};

}  // namespace launch
