#include "modes/supervisor/socket_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "modes/base/descriptor.hpp"

namespace launch {
namespace {

constexpr mode_t kPermissions = 0777;

struct Reason {
  int error;
  std::string_view text;
};

/// Of bind(), and of connect() to a socket that is there.
constexpr std::array kReasons{
    Reason{ENOENT, "its folder does not exist"},
    Reason{EACCES, "this user may not create it, or not see who listens there"},
    Reason{EADDRINUSE, "another process has just taken it"},
    Reason{EPROTOTYPE, "a socket of another kind has that name"},
};

[[noreturn]] void throw_reason(int error) {
  for (const Reason& reason : kReasons)
    if (reason.error == error)
      throw std::runtime_error{std::string{reason.text}};
  throw std::runtime_error{std::generic_category().message(error)};
}

/// New files get these permissions while it lives.
class PermissionsOfNewFiles {
 public:
  explicit PermissionsOfNewFiles(mode_t mode)
      : before_(::umask(~mode & kPermissions)) {}
  ~PermissionsOfNewFiles() { ::umask(before_); }
  PermissionsOfNewFiles(const PermissionsOfNewFiles&) = delete;
  PermissionsOfNewFiles& operator=(const PermissionsOfNewFiles&) = delete;

 private:
  mode_t before_;
};

sockaddr_un to_sockaddr(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw_reason(ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  return address;
}

/// What an earlier process left behind is removed; all else is refused.
void make_room(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return;  // bind() says what is wrong
  if (!S_ISSOCK(status.st_mode))
    throw std::runtime_error{
        "a file that is no socket has that name, and is left alone (choose "
        "another path)"};
  const Descriptor probe{
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int result = ::connect(
      probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // EAGAIN: somebody listens, and the queue is full.
  if (result == 0 || errno == EAGAIN)
    throw std::runtime_error{
        "another process listens on it (stop it, or choose another path)"};
  if (errno != ECONNREFUSED) throw_reason(errno);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw_reason(errno);
}

}  // namespace

SocketFile::SocketFile(int socket, const std::string& path, mode_t mode)
    : maker_(::getpid()) {
  const sockaddr_un address = to_sockaddr(path);
  make_room(path, address);
  {
    const PermissionsOfNewFiles permissions{mode};
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address),
               sizeof address) != 0)
      throw_reason(errno);
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) throw_reason(errno);
  device_ = status.st_dev;
  number_ = status.st_ino;
  path_ = std::filesystem::absolute(path).string();
}

SocketFile SocketFile::take_over(const std::string& path) {
  SocketFile file;
  struct stat status {};
  if (path.empty() || ::lstat(path.c_str(), &status) != 0) return file;
  file.path_ = path;
  file.device_ = status.st_dev;
  file.number_ = status.st_ino;
  file.maker_ = ::getpid();
  return file;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      device_(other.device_),
      number_(other.number_),
      maker_(other.maker_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  device_ = other.device_;
  number_ = other.number_;
  maker_ = other.maker_;
  return *this;
}

void SocketFile::remove() noexcept {
  if (path_.empty() || maker_ != ::getpid()) return;
  struct stat status {};
  const bool is_ours = ::lstat(path_.c_str(), &status) == 0 &&
                       status.st_dev == device_ && status.st_ino == number_;
  if (is_ours) ::unlink(path_.c_str());
  path_.clear();
}

}  // namespace launch
