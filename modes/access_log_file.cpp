#include "modes/access_log_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <limits>
#include <system_error>

#include "modes/log.hpp"

namespace launch {
namespace {

constexpr int kPatienceMs = 100;

/// For writing without ever waiting. O_NONBLOCK belongs to what was opened,
/// which others share: so standard output is opened anew.
int open_for_log(const std::string& path) {
  constexpr int kFlags =
      O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  if (path != "-") return ::open(path.c_str(), kFlags, 0644);
  const int fd = ::open("/proc/self/fd/1", kFlags & ~O_CREAT);
  // A socket, or the terminal of another user, cannot be opened again.
  return fd >= 0 ? fd : ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

}  // namespace

AccessLogFile::AccessLogFile(const std::string& path)
    : path_(path == "-" ? "standard output" : path), fd_(open_for_log(path)) {
  struct stat status {};
  if (!fd_ || ::fstat(fd_.get(), &status) != 0)
    throw std::system_error(
        errno, std::generic_category(),
        fmt::format("the access log {} cannot be opened", path_));
  socket_ = S_ISSOCK(status.st_mode);
  longest_line_ = S_ISREG(status.st_mode)
                      ? std::numeric_limits<std::size_t>::max()
                      : PIPE_BUF;
}

void AccessLogFile::give_to(uid_t user) const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_uid != ::geteuid())
    return;
  if (::fchown(fd_.get(), user, static_cast<gid_t>(-1)) != 0)
    log_warning("the access log {} cannot be given to user {}: {}", path_, user,
                std::generic_category().message(errno));
}

AccessLogFile::~AccessLogFile() {
  if (lost_ > 0)
    log_warning("{} lines of the access log {} were lost", lost_.load(), path_);
}

void AccessLogFile::reopen() {
  if (!is_regular()) return;
  struct stat status {};
  const Descriptor opened{open_for_log(path_)};
  if (!opened || ::fstat(opened.get(), &status) != 0 ||
      !S_ISREG(status.st_mode) ||
      ::dup3(opened.get(), fd_.get(), O_CLOEXEC) < 0)
    log_warning("the access log {} cannot be opened again, the old one is kept",
                path_);
}

void AccessLogFile::write(std::string_view line) {
  // Behind a part of a line the next one begins on a line of its own.
  if (torn_.load(std::memory_order_relaxed) && torn_.exchange(false)) {
    const std::string apart = '\n' + std::string(line);
    if (!put(apart)) torn_ = true;
    return;
  }
  put(line);
}

/// False when nothing was written.
bool AccessLogFile::put(std::string_view bytes) {
  for (bool waited = failing_.load(std::memory_order_relaxed);;) {
    const auto n = socket_ ? ::send(fd_.get(), bytes.data(), bytes.size(),
                                    MSG_DONTWAIT | MSG_NOSIGNAL)
                           : ::write(fd_.get(), bytes.data(), bytes.size());
    if (n == static_cast<ssize_t>(bytes.size())) {
      if (failing_.load(std::memory_order_relaxed)) failing_ = false;
      return true;
    }
    if (n >= 0) {
      // Writing the rest could put it behind another process's line.
      torn_ = n > 0;
      lose(ENOSPC);
      return n > 0;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN || waited) {
      lose(errno);
      return false;
    }
    waited = true;
    pollfd writable{fd_.get(), POLLOUT, 0};
    ::poll(&writable, 1, kPatienceMs);
  }
}

void AccessLogFile::lose(int error) {
  failing_ = true;
  if (lost_.fetch_add(1) > 0) return;
  log_warning(
      "the access log {} cannot be written ({}): lines are lost until it can, "
      "requests are served as before",
      path_,
      error == EAGAIN ? "its reader is too slow"
                      : std::generic_category().message(error));
}

}  // namespace launch
