#pragma once

#include <signal.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

namespace launch {

/// The signals with which broken code ends.
inline constexpr std::array kCrashSignals{SIGSEGV, SIGABRT, SIGBUS, SIGFPE,
                                          SIGILL};

/// How a crash is told: where, what stands before the sentence, and the exit
/// code of the process.
struct CrashReport {
  int exit_code;
  int fd = STDERR_FILENO;
  std::string lead = "launch: ";
};

/// While it lives, a crash of this process writes one line, "launch: WHAT
/// crashed: signal 11 (SIGSEGV)", and ends the process. Works on its own
/// stack, so a stack overflow is told too (on the thread that made the guard).
/// One at a time.
class CrashGuard {
 public:
  CrashGuard(const std::string& what, const CrashReport& report);
  ~CrashGuard();
  CrashGuard(const CrashGuard&) = delete;
  CrashGuard& operator=(const CrashGuard&) = delete;

 private:
  std::unique_ptr<char[]> stack_;
  stack_t old_stack_{};
  std::array<struct sigaction, kCrashSignals.size()> old_actions_{};
};

/// "signal 11 (SIGSEGV)".
std::string signal_text(int number);

}  // namespace launch
