#include "modes/engine/sweep.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "modes/engine/refusal.hpp"

namespace launch {
namespace {

/// Of what is waited for. The kernel takes answers in lumps as large as its
/// buffer, so what counts is what the client took from it.
std::uint32_t progress_of(const Connection& connection, Waiting waiting) {
  const auto progress = connection.progress.load(std::memory_order_relaxed);
  return waiting == Waiting::client
             ? progress - unacknowledged(connection.fd.get())
             : progress;
}

/// Of an answer that the kernel took whole, which its client may still not
/// take. It is asked for once when the answer is a tick old, and again after
/// each time in which some of it should have been taken: an idle connection
/// costs one call.
bool leaves_answer(Connection& connection, std::uint32_t now,
                   const Patience& patience) {
  const std::uint32_t age =
      now - connection.since.load(std::memory_order_relaxed);
  const auto period = static_cast<std::uint32_t>(
      std::chrono::ceil<seconds>(patience.write.time).count());
  const std::uint32_t left = connection.mark.load(std::memory_order_relaxed);
  if (age == 1) {
    connection.mark.store(unacknowledged(connection.fd.get()),
                          std::memory_order_relaxed);
  } else if (left != 0 && age > 1 && (age - 1) % period == 0) {
    const std::uint32_t still = unacknowledged(connection.fd.get());
    if (still != 0 && left - still < patience.write.bytes) return true;
    connection.mark.store(still, std::memory_order_relaxed);
  }
  return false;
}

int how_to_end(Waiting waiting) {
  switch (waiting) {
    case Waiting::first:
    case Waiting::request:
      // It may just have received a request: that is still answered.
    case Waiting::head:
    case Waiting::body:
      // It is still to be told why.
      return SHUT_RD;
    case Waiting::handler:
    case Waiting::client:
    case Waiting::end:
    case Waiting::late:
      break;
  }
  return SHUT_RDWR;
}

/// The handler has sent nothing and will not; that its thread still has the
/// connection is no matter to the kernel.
void answer_late(const Connection& connection) {
  std::string answer =
      refusal(504, "the request took longer than --request-timeout allows");
  if (connection.claim.head_only()) answer.resize(answer.find("\r\n\r\n") + 4);
  ::send(connection.fd.get(), answer.data(), answer.size(),
         MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(connection.fd.get(), SHUT_WR);
}

}  // namespace

std::uint32_t unacknowledged(int fd) {
  int bytes = 0;
  if (::ioctl(fd, SIOCOUTQ, &bytes) != 0) return 0;
  return static_cast<std::uint32_t>(bytes);
}

void drop_unsent(int fd) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool sweep(Connection& connection, std::uint32_t now,
           const Patience& patience) {
  if (connection.claim.expire(now, patience.handler)) {
    answer_late(connection);
    return true;
  }
  const auto since = connection.since.load(std::memory_order_relaxed);
  const auto waiting = connection.waiting.load(std::memory_order_relaxed);
  if (waiting == Waiting::body || waiting == Waiting::client) {
    const auto progress = progress_of(connection, waiting);
    const auto mark = connection.mark.load(std::memory_order_relaxed);
    if (keeps_pace(waiting, progress, mark, patience)) {
      connection.mark.store(progress, std::memory_order_relaxed);
      connection.since.store(now, std::memory_order_relaxed);
      return false;
    }
  }
  if (waiting == Waiting::request && leaves_answer(connection, now, patience)) {
    drop_unsent(connection.fd.get());
    ::shutdown(connection.fd.get(), SHUT_RDWR);
    return false;
  }
  if (!expired(waiting, static_cast<std::int32_t>(now - since), patience))
    return false;
  if (waiting == Waiting::client) drop_unsent(connection.fd.get());
  ::shutdown(connection.fd.get(), how_to_end(waiting));
  return false;
}

}  // namespace launch
