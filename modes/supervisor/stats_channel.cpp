#include "modes/supervisor/stats_channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "modes/log.hpp"

namespace launch {

void StatsChannel::answer(const Scoreboard& scoreboard, int workers) {
  std::array<char, 64> questions{};
  const ssize_t count =
      ::recv(fd_.get(), questions.data(), questions.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0 && errno != ECONNRESET)
    log_warning(
        "The stats descriptor cannot be read, it must be a connected "
        "stream socket: {}",
        std::generic_category().message(errno));
  if (count <= 0) listening_ = false;
  for (ssize_t i = 0; i < count; ++i) send(scoreboard, workers);
}

void StatsChannel::send(const Scoreboard& scoreboard, int workers) {
  if (!fd_) return;
  const std::string line = scoreboard.to_json(workers) + '\n';
  const ssize_t sent =
      ::send(fd_.get(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  // Half a line would garble all that follow.
  if (sent != static_cast<ssize_t>(line.size())) fd_.reset();
}

}  // namespace launch
