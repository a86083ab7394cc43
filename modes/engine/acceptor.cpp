#include "modes/engine/acceptor.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace launch {
namespace {

/// Clients of a Unix socket have no address; that of the socket is its path.
constexpr const char* kUnix = "unix:";

PeerAddress to_peer_address(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(v4.sin_port)};
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return {text.data(), ntohs(v6.sin6_port)};
  }
  if (address.ss_family == AF_UNIX) return {kUnix, 0};
  return {};
}

PeerAddress local_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return {};
  return to_peer_address(address);
}

Acceptor::Listener to_listener(int fd) {
  sockaddr_un address{};
  socklen_t length = sizeof address - 1;  // so that it ends with a NUL
  const bool is_unix =
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
      address.sun_family == AF_UNIX;
  if (!is_unix) return Acceptor::Listener{fd};
  return Acceptor::Listener{fd, {std::string{kUnix} + address.sun_path, 0}};
}

}  // namespace

AcceptTurn::Answer AcceptTurn::ask(std::int64_t mine, std::int64_t fewest,
                                   int taken) {
  if (mine > fewest) {
    if (brief_.load(std::memory_order_relaxed) >= kBrief)
      return taken == 0 ? Answer::take : Answer::leave;
    if (steps_back_ < kPatience) {
      ++steps_back_;
      return Answer::step_back;
    }
  }
  steps_back_ = 0;
  return Answer::take;
}

void AcceptTurn::closed(bool brief) {
  const int before = brief_.load(std::memory_order_relaxed);
  const int after =
      brief ? std::min(before + 1, 2 * kBrief) : std::max(before - 1, 0);
  // Of two threads' at once one may get lost.
  if (after != before) brief_.store(after, std::memory_order_relaxed);
}

void AcceptTurn::second_passed() {
  brief_.store(brief_.load(std::memory_order_relaxed) / 2,
               std::memory_order_relaxed);
}

Acceptor::Acceptor(const std::vector<int>& listeners, Scoreboard& scoreboard,
                   int seat, AcceptStrategy strategy)
    : scoreboard_(scoreboard),
      mine_(scoreboard.seat(seat)),
      takes_turns_(strategy == AcceptStrategy::shared && scoreboard.shared()) {
  for (const int fd : listeners) listeners_.push_back(to_listener(fd));
}

AcceptTurn::Answer Acceptor::ask(int taken) {
  if (!takes_turns_) return AcceptTurn::Answer::take;
  return turn_.ask(mine_.connections.load(std::memory_order_relaxed),
                   scoreboard_.fewest_connections(), taken);
}

std::unique_ptr<Connection> Acceptor::accept_one(const Listener& listener,
                                                 AcceptPause& pause) {
  while (true) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    Descriptor fd{::accept4(listener.fd, reinterpret_cast<sockaddr*>(&address),
                            &length, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!fd) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      const bool exhausted = errno == EMFILE || errno == ENFILE ||
                             errno == ENOBUFS || errno == ENOMEM;
      pause = exhausted ? AcceptPause::descriptors : AcceptPause::none;
      return nullptr;
    }
    auto connection = std::make_unique<Connection>();
    connection->remote = to_peer_address(address);
    connection->local =
        listener.local.ip.empty() ? local_address(fd.get()) : listener.local;
    connection->fd = std::move(fd);
    mine_.accepted.fetch_add(1, std::memory_order_relaxed);
    mine_.connections.fetch_add(1, std::memory_order_relaxed);
    return connection;
  }
}

AcceptPause Acceptor::accept(const Listener& listener, int most,
                             const Take& take) {
  for (int i = 0; i < most; ++i) {
    const AcceptTurn::Answer answer = ask(i);
    if (answer == AcceptTurn::Answer::leave) return AcceptPause::none;
    if (answer == AcceptTurn::Answer::step_back) return AcceptPause::turn;
    AcceptPause pause = AcceptPause::none;
    auto connection = accept_one(listener, pause);
    if (!connection) return pause;
    take(std::move(connection));
  }
  return AcceptPause::none;
}

void Acceptor::accept_queued(const Take& take) {
  AcceptPause pause = AcceptPause::none;
  for (const Listener& listener : listeners_)
    while (auto connection = accept_one(listener, pause))
      take(std::move(connection));
}

}  // namespace launch
