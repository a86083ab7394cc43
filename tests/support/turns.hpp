#pragma once

#include <poll.h>

#include <functional>
#include <vector>

#include "modes/base/clock.hpp"
#include "modes/control/status.hpp"
#include "tests/support/eventually.hpp"

/// A poll loop around a server of the control plane, turned by hand, on a clock
/// of its own.
template <typename Server>
class Turns {
 public:
  Turns(Server& server, std::function<launch::ServiceStatus()> status)
      : server_(server), status_(std::move(status)) {}

  launch::Clock::time_point now = launch::Clock::now();

  /// One turn, without waiting for more than there is.
  void turn() {
    std::vector<pollfd> polled{{-1, POLLIN, 0}};  // the loop has others
    server_.add_to(polled);
    ::poll(polled.data(), polled.size(), 0);
    server_.serve(polled, status_, now);
  }

  bool until(const std::function<bool()>& condition) {
    return eventually([&] {
      turn();
      return condition();
    });
  }

 private:
  Server& server_;
  std::function<launch::ServiceStatus()> status_;
};
