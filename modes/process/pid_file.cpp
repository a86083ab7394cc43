#include "modes/process/pid_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/base/process_stats.hpp"

namespace launch {
namespace {

std::optional<pid_t> pid_in(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  pid_t pid = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, pid);
  if (read.ec != std::errc{} || read.ptr != end || pid <= 0)
    return std::nullopt;
  return pid;
}

/// Whether the process wrote the file, or could have: pids are used again, so
/// after a crash and a reboot another process may have the one in the file.
bool lives_since(pid_t pid, const timespec& written) {
  if (::kill(pid, 0) != 0 && errno == ESRCH) return false;
  const auto age = process_age(pid);
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const seconds file_age{now.tv_sec - written.tv_sec};
  constexpr seconds kSlack{2};  // of clocks that tick in whole steps
  return !age || *age + kSlack >= file_age;
}

/// Throws unless `path` is free to be taken.
void check_free(const std::string& path) {
  const Descriptor file{
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file) return;  // writing says what is wrong
  std::array<char, 64> text{};
  struct stat status {};
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size == 0) return;  // a crash came between
  const auto pid = size < 0
                       ? std::nullopt
                       : pid_in({text.data(), static_cast<std::size_t>(size)});
  if (!pid)
    throw std::runtime_error(fmt::format(
        "--pid-file {}: the file holds no pid and is left alone: choose "
        "another path, or remove it",
        path));
  if (*pid == ::getpid() || ::fstat(file.get(), &status) != 0) return;
  if (lives_since(*pid, status.st_mtim))
    throw std::runtime_error(fmt::format(
        "--pid-file {}: process {} runs with that pid file: stop it, or choose "
        "another path",
        path, *pid));
}

}  // namespace

OwnedFile claim_pid_file(const std::string& path) {
  if (path.empty()) return {};
  check_free(path);
  OwnedFile file{path};
  file.write(fmt::format("{}\n", ::getpid()));
  return file;
}

}  // namespace launch
