#include "modes/supervisor/template_channel.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace launch {
namespace {

struct Numbers {
  int id;
  int seat;
};
/// Of an answer: the pid, else why there is none.
struct Answer {
  pid_t pid;
  int error;
};

/// Room for one descriptor, aligned as the kernel wants it.
union Control {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

}  // namespace

std::pair<Descriptor, Descriptor> make_template_channel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

std::optional<pid_t> order_clone(const Descriptor& channel,
                                 const CloneOrder& order, milliseconds limit) {
  Numbers numbers{order.id, order.seat};
  iovec part{&numbers, sizeof numbers};
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = order.news.get();
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (::sendmsg(channel.get(), &message, MSG_NOSIGNAL) < 0) return std::nullopt;

  pollfd answered{channel.get(), POLLIN, 0};
  if (::poll(&answered, 1, static_cast<int>(limit.count())) != 1) {
    errno = ETIMEDOUT;
    return std::nullopt;
  }
  Answer answer{};
  const auto n = ::recv(channel.get(), &answer, sizeof answer, 0);
  if (n != sizeof answer) {
    errno = n < 0 ? errno : ECONNRESET;
    return std::nullopt;
  }
  errno = answer.error;
  return answer.pid > 0 ? std::optional{answer.pid} : std::nullopt;
}

std::optional<CloneOrder> next_order(const Descriptor& channel) {
  Numbers numbers{};
  iovec part{&numbers, sizeof numbers};
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  ssize_t n = 0;
  while ((n = ::recvmsg(channel.get(), &message, MSG_CMSG_CLOEXEC)) < 0 &&
         errno == EINTR) {
  }
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (n != sizeof numbers || header == nullptr ||
      header->cmsg_type != SCM_RIGHTS)
    return std::nullopt;
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return CloneOrder{numbers.id, numbers.seat, Descriptor{fd}};
}

void answer_order(const Descriptor& channel, pid_t pid) {
  const Answer answer{pid, pid > 0 ? 0 : errno};
  ::send(channel.get(), &answer, sizeof answer, MSG_NOSIGNAL);
}

}  // namespace launch
