#include "modes/stack_dump.hpp"

#include <execinfo.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "modes/log.hpp"

namespace launch {
namespace {

constexpr int kMostFrames = 64;
constexpr int kPatienceMs = 100;

int dump_signal() { return SIGRTMIN + 2; }

/// Told when a thread has written its stack. Never closed: a late thread may
/// still write to it.
int g_written = -1;

void write_stack(int) {
  const int error = errno;
  std::array<void*, kMostFrames> frames{};
  const int count = ::backtrace(frames.data(), kMostFrames);
  // Without this handler and the kernel's way into it.
  constexpr int kOwn = 2;
  if (count > kOwn)
    ::backtrace_symbols_fd(frames.data() + kOwn, count - kOwn, STDERR_FILENO);
  ::eventfd_write(g_written, 1);
  errno = error;
}

void dump(pid_t thread) {
  log_warning("Stack of thread {}:", thread);
  if (::syscall(SYS_tgkill, ::getpid(), thread, dump_signal()) != 0) return;
  pollfd written{g_written, POLLIN, 0};
  eventfd_t count = 0;
  if (::poll(&written, 1, kPatienceMs) == 1) ::eventfd_read(g_written, &count);
}

}  // namespace

void prepare_stack_dumps() {
  g_written = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  // The first call loads a library, which no signal handler may.
  std::array<void*, 1> frame{};
  ::backtrace(frame.data(), 1);
  struct sigaction action {};
  action.sa_handler = write_stack;
  action.sa_flags = SA_RESTART;
  ::sigaction(dump_signal(), &action, nullptr);
}

void dump_stacks() {
  const auto self = static_cast<pid_t>(::syscall(SYS_gettid));
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task", error)) {
    const pid_t thread = std::stoi(entry.path().filename().string());
    if (thread != self) dump(thread);
  }
}

}  // namespace launch
