#include "modes/control/control_client.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace launch {
namespace {

std::string reason_of(int error) {
  if (error == ENOENT) return "there is no such socket";
  if (error == ECONNREFUSED) return "nobody listens there any more";
  if (error == EACCES) return "this user may not connect to it";
  return std::generic_category().message(error);
}

}  // namespace

Descriptor connect_to_control(const std::string& path) {
  Descriptor fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return {};
  }
  path.copy(address.sun_path, path.size());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) == 0)
    return fd;
  const int error = errno;
  fd.reset();
  errno = error;
  return fd;
}

ControlClient::ControlClient(const std::string& path,
                             std::optional<milliseconds> patience)
    : path_(path), fd_(connect_to_control(path)) {
  if (!fd_)
    throw std::runtime_error(
        fmt::format("no service answers on {}: {}", path, reason_of(errno)));
  if (!patience) return;
  const auto whole = std::chrono::floor<seconds>(*patience);
  const timeval longest{whole.count(), microseconds(*patience - whole).count()};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
}

ControlAnswer ControlClient::ask(const ControlCommand& command) {
  const std::string line = command_json(command) + '\n';
  // One that cannot be sent is not answered either.
  ::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL);
  std::size_t end = 0;
  while ((end = unread_.find('\n')) == std::string::npos)
    if (!receive_some())
      throw std::runtime_error(fmt::format(
          "the service on {} {} before it answered", path_,
          errno == EAGAIN ? "let the time run out" : "ended the connection"));
  const auto answer = parse_answer(std::string_view{unread_}.substr(0, end));
  unread_.erase(0, end + 1);
  if (!answer)
    throw std::runtime_error(
        fmt::format("{} is no control socket of launch", path_));
  return *answer;
}

void ControlClient::wait_for_end() {
  while (receive_some()) {
  }
}

bool ControlClient::receive_some() {
  std::array<char, 65'536> buffer;
  ssize_t size = 0;
  do {
    errno = 0;
    size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size > 0) unread_.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0;
}

}  // namespace launch
