#include "bench/reference/blocked.hpp"

#include <poll.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "bench/reference/exchange.hpp"
#include "bench/reference/server_trial.hpp"

namespace launch::bench {
namespace {

constexpr int kRequests = 100;
constexpr std::size_t kConnections = 10;
constexpr milliseconds kPause{5};

bool has_answer(const Descriptor& socket) {
  pollfd waiting{socket.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

BesideBlocked measure_beside_blocked(const LimitContender& contender,
                                     const std::string& blocking_path,
                                     const Cores& cores) {
  const MeasuredServer server(contender.command, cores.shared());
  LimitWorkload blocking = contender.workload;
  blocking.path = blocking_path;
  const std::string fast = request_of(contender.workload, server.port());
  std::vector<Descriptor> sockets;
  for (std::size_t i = 0; i < kConnections; ++i)
    sockets.push_back(connect_to(server.port()));
  const Descriptor blocked = connect_to(server.port());
  send_request(blocked, request_of(blocking, server.port()));

  BesideBlocked result;
  Clock::time_point due = Clock::now();
  for (int i = 0; i < kRequests; ++i) {
    std::this_thread::sleep_until(due += kPause);
    if (has_answer(blocked)) break;
    const Descriptor& socket =
        sockets[static_cast<std::size_t>(i) % kConnections];
    const Clock::time_point sent_at = Clock::now();
    send_request(socket, fast);
    receive_answer(socket);
    const Clock::duration took = Clock::now() - sent_at;
    ++result.sent;
    if (took < kFastLimit) ++result.fast;
    result.slowest_ms = std::max(result.slowest_ms, to_seconds(took) * 1e3);
  }
  receive_answer(blocked);
  return result;
}

}  // namespace launch::bench
