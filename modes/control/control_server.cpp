#include "modes/control/control_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace launch {
namespace {

constexpr std::size_t kLongestLine = 4096;

/// Of whatever user namespace: the kernel translates.
bool is_of_this_user(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == ::geteuid());
}

}  // namespace

ControlServer::ControlServer(std::vector<Bound> listeners)
    : clients_(std::move(listeners),
               {.idle = milliseconds{60'000}, .admits = is_of_this_user}) {}

void ControlServer::serve(std::span<const pollfd> polled,
                          const std::function<ServiceStatus()>& status,
                          Clock::time_point now) {
  clients_.serve(polled, now,
                 [&](PolledClient& client) { answer(client, status); });
}

void ControlServer::answer(PolledClient& client,
                           const std::function<ServiceStatus()>& status) {
  const auto end = client.input.find('\n');
  if (std::min(end, client.input.size()) > kLongestLine) {
    client.output = verdict_answer(
        false, fmt::format("a line has at most {} bytes", kLongestLine));
    client.output += '\n';
    client.finished = true;
  } else if (end != std::string::npos) {
    answer(client, std::string_view{client.input}.substr(0, end), status);
    client.input.erase(0, end + 1);
  }
}

void ControlServer::answer(PolledClient& client, std::string_view line,
                           const std::function<ServiceStatus()>& status) {
  const auto parsed = parse_command(line);
  if (const auto* const error = std::get_if<std::string>(&parsed)) {
    client.output += verdict_answer(false, *error) + '\n';
    return;
  }
  const auto& command = std::get<ControlCommand>(parsed);
  if (command.kind == ControlKind::status ||
      command.kind == ControlKind::workers) {
    client.output += status_answer(command.kind, status()) + '\n';
    return;
  }
  client.waiting = true;
  requests_.push_back({++last_ticket_, command.kind, command.number});
  pending_.push_back({last_ticket_, client.id, command.kind});
}

void ControlServer::reply(std::uint64_t ticket, bool ok,
                          std::string_view message, Clock::time_point now) {
  const auto owed = std::find_if(
      pending_.begin(), pending_.end(),
      [ticket](const Pending& pending) { return pending.ticket == ticket; });
  if (owed == pending_.end()) return;
  const Pending pending = *owed;
  pending_.erase(owed);
  PolledClient* const client = clients_.find(pending.client);
  if (client == nullptr) return;
  client->output += verdict_answer(ok, message) + '\n';
  client->waiting = ok && pending.kind == ControlKind::stop;
  client->again = !client->waiting;  // it may have asked for more meanwhile
  clients_.send(*client, now);
}

}  // namespace launch
