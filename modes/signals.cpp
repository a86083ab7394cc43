#include "modes/signals.hpp"

#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <system_error>

namespace launch {
namespace {

/// Those of the table.
sigset_t all_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const SignalRow& row : kSignals) sigaddset(&signals, row.number);
  return signals;
}

}  // namespace

const SignalRow& signal_row(int number) {
  const auto row = std::ranges::find(kSignals, number, &SignalRow::number);
  if (row == kSignals.end()) throw std::invalid_argument("not our signal");
  return *row;
}

void block_signals() {
  const sigset_t signals = all_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Signals::Signals() : signals_(all_signals()) {
  fd_.reset(::signalfd(-1, &signals_, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd_) throw std::system_error(errno, std::generic_category(), "signalfd");
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Signals::~Signals() {
  // One that came too late to be read must not end us with its default.
  constexpr timespec kNow{};
  while (::sigtimedwait(&signals_, nullptr, &kNow) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> Signals::next() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof(info)) != sizeof(info))
    return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace launch
