#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "modes/engine/connection.hpp"

namespace launch {

/// All open connections of one engine; its threads add and remove, one of
/// them sweeps. A connection's descriptor is closed under the lock, so a sweep
/// may shut it down without hitting a reused number.
class Registry {
 public:
  Connection& add(std::unique_ptr<Connection> connection);
  /// Closes it, and gives it to the caller.
  std::unique_ptr<Connection> remove(Connection& connection);
  std::size_t size() const;

  /// Calls `visit` on each connection, under the lock.
  void for_each(const std::function<void(Connection&)>& visit);

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace launch
