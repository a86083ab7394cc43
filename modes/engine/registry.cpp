#include "modes/engine/registry.hpp"

#include <utility>

namespace launch {

Connection& Registry::add(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock{mutex_};
  connection->index = connections_.size();
  return *connections_.emplace_back(std::move(connection));
}

std::unique_ptr<Connection> Registry::remove(Connection& connection) {
  const std::lock_guard lock{mutex_};
  const std::size_t index = connection.index;
  std::swap(connections_[index], connections_.back());
  connections_[index]->index = index;
  auto removed = std::move(connections_.back());
  connections_.pop_back();
  removed->fd.reset();
  return removed;
}

std::size_t Registry::size() const {
  const std::lock_guard lock{mutex_};
  return connections_.size();
}

void Registry::for_each(const std::function<void(Connection&)>& visit) {
  const std::lock_guard lock{mutex_};
  for (const auto& connection : connections_) visit(*connection);
}

}  // namespace launch
