#include "modes/control/polled_clients.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace launch {
namespace {

constexpr std::size_t kReadAtOnce = 16'384;
constexpr std::size_t kMostInput = 4 * kReadAtOnce;
/// How long the listeners rest when no descriptor is left.
constexpr milliseconds kRest{1000};

constexpr auto kNever = Clock::time_point::max();
/// That of a client whose connection is over.
constexpr auto kAtOnce = Clock::time_point{};

bool is_nothing_yet(int error) { return error == EAGAIN || error == EINTR; }

PolledClient::Phase phase_of(const PolledClient& client) {
  if (!client.output.empty()) return PolledClient::Phase::sending;
  if (client.finished) return PolledClient::Phase::ending;
  if (client.waiting) return PolledClient::Phase::waiting;
  return client.input.empty() ? PolledClient::Phase::idle
                              : PolledClient::Phase::receiving;
}

bool takes_input(const PolledClient& client) {
  return !client.input.empty() && client.output.empty() && !client.waiting &&
         !client.finished && client.due != kAtOnce;
}

}  // namespace

void PolledClients::add_to(std::vector<pollfd>& polled) {
  first_ = polled.size();
  const bool rests = is_full() || accepts_again_ != Clock::time_point{};
  for (const Bound& listener : listeners_)
    polled.push_back({rests ? -1 : listener.fd.get(), POLLIN, 0});
  for (const PolledClient& client : clients_) {
    const int reads = client.sends_more ? POLLIN : 0;
    const int events = client.output.empty() ? reads : POLLOUT;
    polled.push_back({client.fd.get(), static_cast<short>(events), 0});
  }
}

Clock::time_point PolledClients::deadline() const {
  auto first = accepts_again_ != Clock::time_point{} ? accepts_again_ : kNever;
  for (const PolledClient& client : clients_)
    first = std::min(first, client.again ? kAtOnce : client.due);
  return first;
}

void PolledClients::serve(std::span<const pollfd> polled, Clock::time_point now,
                          const std::function<void(PolledClient&)>& on_input) {
  if (accepts_again_ <= now) accepts_again_ = {};
  const auto events_at = [&](std::size_t place) {
    return place < polled.size() ? polled[place].revents : short{0};
  };
  std::size_t place = first_ + listeners_.size();
  for (PolledClient& client : clients_)
    serve(client, events_at(place++), now, on_input);
  clients_.remove_if(
      [now](const PolledClient& client) { return client.due <= now; });
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    if (events_at(first_ + i) != 0) accept_from(listeners_[i], now);
}

void PolledClients::accept_from(const Bound& listener, Clock::time_point now) {
  while (!is_full()) {
    Descriptor fd{::accept4(listener.fd.get(), nullptr, nullptr,
                            SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!fd) {
      const bool none_left = errno == EMFILE || errno == ENFILE ||
                             errno == ENOBUFS || errno == ENOMEM;
      if (none_left) accepts_again_ = now + kRest;
      return;
    }
    if (rules_.admits != nullptr && !rules_.admits(fd.get())) continue;
    PolledClient& client = clients_.emplace_back();
    client.fd = std::move(fd);
    client.id = ++last_id_;
    begin(client, PolledClient::Phase::idle, now);
  }
}

void PolledClients::serve(PolledClient& client, short events,
                          Clock::time_point now,
                          const std::function<void(PolledClient&)>& on_input) {
  if (events == 0 && !client.again) return;
  client.again = false;
  if (client.sends_more) receive(client, events);
  // Both directions are over: nobody is there to be answered.
  if ((events & (POLLHUP | POLLERR)) != 0 && !client.sends_more)
    client.due = kAtOnce;
  send(client, now);
  while (takes_input(client)) {
    const std::size_t before = client.input.size();
    on_input(client);
    const bool took = client.input.size() != before;
    // The time of the next message begins.
    if (took) client.phase = PolledClient::Phase::sending;
    send(client, now);
    if (!took) break;
  }
}

void PolledClients::receive(PolledClient& client, short events) {
  if ((events & (POLLIN | POLLHUP | POLLERR)) == 0) return;
  std::array<char, kReadAtOnce> buffer;
  const ssize_t size =
      ::recv(client.fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && is_nothing_yet(errno)) return;
  if (size <= 0) {
    client.sends_more = false;
    if (size < 0 || (client.output.empty() && !client.waiting))
      client.due = kAtOnce;
    return;
  }
  if (client.finished) return;
  client.input.append(buffer.data(), static_cast<std::size_t>(size));
  if (client.input.size() > kMostInput) client.due = kAtOnce;
}

void PolledClients::send(PolledClient& client, Clock::time_point now) {
  if (client.due == kAtOnce) return;
  while (!client.output.empty()) {
    const ssize_t size =
        ::send(client.fd.get(), client.output.data(), client.output.size(),
               MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && !is_nothing_yet(errno)) client.due = kAtOnce;
    if (size < 0) break;
    client.output.erase(0, static_cast<std::size_t>(size));
  }
  if (client.due == kAtOnce) return;
  if (const auto phase = phase_of(client); phase != client.phase)
    begin(client, phase, now);
}

PolledClient* PolledClients::find(std::uint64_t id) {
  for (PolledClient& client : clients_)
    if (client.id == id) return &client;
  return nullptr;
}

void PolledClients::begin(PolledClient& client, PolledClient::Phase phase,
                          Clock::time_point now) const {
  client.phase = phase;
  const bool quiet = phase == PolledClient::Phase::idle;
  client.due = phase == PolledClient::Phase::waiting
                   ? kNever
                   : now + (quiet ? rules_.idle : rules_.patience);
  if (!client.sends_more && (quiet || phase == PolledClient::Phase::ending))
    client.due = kAtOnce;
  // Closed with unread bytes, it would be reset before it read its answer.
  if (phase == PolledClient::Phase::ending)
    ::shutdown(client.fd.get(), SHUT_WR);
}

}  // namespace launch
