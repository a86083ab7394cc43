#include "modes/stop_signals.hpp"

#include <sys/signalfd.h>

#include <cerrno>
#include <ctime>
#include <system_error>

namespace launch {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  fd_.reset(::signalfd(-1, &signals_, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd_) throw std::system_error(errno, std::generic_category(), "signalfd");
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignals::~StopSignals() {
  // One that came too late to be read must not end us with its default.
  constexpr timespec kNow{};
  while (::sigtimedwait(&signals_, nullptr, &kNow) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> StopSignals::next() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof(info)) != sizeof(info))
    return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace launch
