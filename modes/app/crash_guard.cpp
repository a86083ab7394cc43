#include "modes/app/crash_guard.hpp"

#include <string.h>

#include <fmt/format.h>

namespace launch {
namespace {

constexpr std::size_t kStackBytes = 64 * 1024;

// All that the handler touches: made before, because a crashed process can
// trust neither its heap nor its locks.
std::array<std::string, kCrashSignals.size()> g_sentences;
int g_exit_code = 1;
int g_fd = STDERR_FILENO;

void report_and_end(int number) {
  for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
    if (kCrashSignals[i] != number) continue;
    [[maybe_unused]] const auto written =
        ::write(g_fd, g_sentences[i].data(), g_sentences[i].size());
  }
  ::_exit(g_exit_code);
}

}  // namespace

std::string signal_text(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? fmt::format("signal {} (SIG{})", number, name)
                         : fmt::format("signal {}", number);
}

CrashGuard::CrashGuard(const std::string& what, const CrashReport& report)
    : stack_(std::make_unique<char[]>(kStackBytes)) {
  g_exit_code = report.exit_code;
  g_fd = report.fd;
  stack_t stack{};
  stack.ss_sp = stack_.get();
  stack.ss_size = kStackBytes;
  ::sigaltstack(&stack, &old_stack_);

  struct sigaction action {};
  action.sa_handler = report_and_end;
  action.sa_flags = SA_ONSTACK;
  ::sigfillset(&action.sa_mask);
  for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
    g_sentences[i] = fmt::format("{}{} crashed: {}\n", report.lead, what,
                                 signal_text(kCrashSignals[i]));
    ::sigaction(kCrashSignals[i], &action, &old_actions_[i]);
  }
}

CrashGuard::~CrashGuard() {
  for (std::size_t i = 0; i < kCrashSignals.size(); ++i)
    ::sigaction(kCrashSignals[i], &old_actions_[i], nullptr);
  ::sigaltstack(&old_stack_, nullptr);
}

}  // namespace launch
