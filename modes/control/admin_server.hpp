#pragma once

#include <poll.h>

#include <ctime>
#include <functional>
#include <span>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/control/polled_clients.hpp"
#include "modes/control/status.hpp"
#include "modes/http/date.hpp"
#include "modes/supervisor/listener.hpp"

namespace launch {

/// Health, status and metrics over HTTP, on listeners of their own, within the
/// thread and the poll loop of whoever runs the service. One request for each
/// connection. No client can block it, and none makes it throw.
class AdminServer {
 public:
  explicit AdminServer(std::vector<Bound> listeners)
      : clients_(std::move(listeners), {}) {}

  const std::vector<Bound>& listeners() const { return clients_.listeners(); }

  void add_to(std::vector<pollfd>& polled) { clients_.add_to(polled); }

  /// Takes the result of the poll that add_to() prepared. `status` is asked
  /// for each request that needs it.
  void serve(std::span<const pollfd> polled,
             const std::function<ServiceStatus()>& status,
             Clock::time_point now = Clock::now());

  /// When serve() must be called at the latest; max() means never.
  Clock::time_point deadline() const { return clients_.deadline(); }

 private:
  void answer(PolledClient& client,
              const std::function<ServiceStatus()>& status);

  PolledClients clients_;
  DateLine date_;
};

}  // namespace launch
