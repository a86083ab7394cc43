#include "modes/process/systemd_notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace launch {
namespace {

/// How long something unsent waits until it is tried again.
constexpr milliseconds kRetry{100};

/// A path, or after '@' a name that no file system knows.
Descriptor connect_to(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() < 2 || name.size() >= sizeof address.sun_path ||
      (name[0] != '/' && name[0] != '@'))
    return {};
  name.copy(address.sun_path, name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  Descriptor socket{
      ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                size) != 0)
    return {};
  return socket;
}

std::optional<std::int64_t> number_in(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view digits{text};
  std::int64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

/// A line break would begin a message of its own.
std::string one_line(std::string_view text) {
  std::string line{text};
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::int64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

SystemdNotifier::SystemdNotifier(const Environment& environment) {
  const char* const name = environment("NOTIFY_SOCKET");
  if (name != nullptr) socket_ = connect_to(name);
  if (!socket_) return;
  // Of another process, when it was inherited by mistake.
  const char* const watched = environment("WATCHDOG_PID");
  if (watched != nullptr && number_in(watched) != ::getpid()) return;
  const auto limit = number_in(environment("WATCHDOG_USEC"));
  if (limit && *limit > 0) interval_ = microseconds{*limit} / 2;
}

void SystemdNotifier::notify_ready(std::string_view status_text) {
  send(fmt::format("READY=1\nSTATUS={}\nMAINPID={}", one_line(status_text),
                   ::getpid()));
}

void SystemdNotifier::reloading() {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reloading",
                   monotonic_microseconds()));
}

void SystemdNotifier::stopping() { send("STOPPING=1\nSTATUS=stopping"); }

void SystemdNotifier::status(std::string_view text) {
  send("STATUS=" + one_line(text));
}

std::optional<Clock::time_point> SystemdNotifier::next_watchdog() const {
  if (!unsent_.empty()) return next_try_;
  return interval_ ? std::optional{next_beat_} : std::nullopt;
}

void SystemdNotifier::beat(Clock::time_point now) {
  if (!flush(now) || !interval_ || now < next_beat_) return;
  next_beat_ = now + *interval_;
  unsent_.emplace_back("WATCHDOG=1");
  flush(now);
}

void SystemdNotifier::send(std::string message) {
  if (!socket_) return;
  unsent_.push_back(std::move(message));
  flush(Clock::now());
}

/// False while there is something left.
bool SystemdNotifier::flush(Clock::time_point now) {
  while (!unsent_.empty()) {
    const std::string& first = unsent_.front();
    const ssize_t sent = ::send(socket_.get(), first.data(), first.size(),
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    next_try_ = now + kRetry;
    if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) return false;
    unsent_.pop_front();  // taken, or there is nobody who could
  }
  return true;
}

}  // namespace launch
