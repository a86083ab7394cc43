// probe_app(): registration in a child process, so that whatever the app's
// code does is one sentence here.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <system_error>

#include <fmt/format.h>

#include "modes/app/app.hpp"
#include "modes/app/crash_guard.hpp"
#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"

namespace launch {
namespace {

// The report is a letter and, after kFailed, the sentence. The text is kept
// within what a pipe takes at once, so that no writer waits for a reader.
constexpr char kLoaded = 'L';
constexpr char kFailed = 'F';
constexpr std::size_t kMaxReport = 4096;

void report(int pipe, char outcome, std::string_view text) {
  std::string message(1, outcome);
  message += text.substr(0, kMaxReport - 1);
  [[maybe_unused]] const auto written =
      ::write(pipe, message.data(), message.size());
}

// What on_terminate() needs; it takes no arguments.
int g_pipe = -1;
std::string g_name;

/// Where dlopen() stands between, an exception cannot be caught. Its text is
/// still better to have than SIGABRT.
[[noreturn]] void on_terminate() {
  try {
    if (const auto thrown = std::current_exception())
      std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    report(g_pipe, kFailed,
           fmt::format("{}: a static constructor threw, or its registration "
                       "threw where it must not: {}",
                       g_name, error.what()));
    ::_exit(0);
  } catch (...) {
  }
  std::abort();
}

[[noreturn]] void run_child(const AppSpec& spec, int pipe, pid_t parent,
                            const std::function<void()>& prepare) {
  g_pipe = pipe;
  g_name = spec.text;
  std::set_terminate(on_terminate);
  // A sanitizer's or debugger's handlers would turn a crash into an exit.
  for (const int number : kCrashSignals) ::signal(number, SIG_DFL);
  try {
    if (prepare) prepare();
    // Only now: whoever changes the user loses it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const App app = load_app(spec);
    std::fflush(nullptr);
    report(pipe, kLoaded, {});
  } catch (const std::exception& error) {
    std::fflush(nullptr);
    report(pipe, kFailed, error.what());
  }
  // Not exit(): the parent's objects and the app's are not to be destroyed.
  ::_exit(0);
}

/// A started probe. The destructor ends and reaps it, whatever happened.
class Probe {
 public:
  Probe(const AppSpec& spec, const std::function<void()>& prepare) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) fail("pipe");
    report_.reset(ends[0]);
    Descriptor write_end(ends[1]);
    // What waits in stdio's buffers would be written by both processes.
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) run_child(spec, write_end.get(), parent, prepare);
    ended_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!ended_) fail("pidfd_open");
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    reap();
  }

  /// Whether it ended by itself within `limit`.
  bool wait(milliseconds limit) const {
    const auto deadline = Clock::now() + limit;
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(
          std::max(deadline - Clock::now(), Clock::duration::zero()));
      pollfd event{ended_.get(), POLLIN, 0};
      const int ready = ::poll(&event, 1, static_cast<int>(left.count()));
      if (ready >= 0) return ready > 0;
      if (errno != EINTR) fail("poll");
    }
  }

  /// The status of the ended child, as wait(2) gives it.
  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  /// What the ended child reported; empty when it did not get that far.
  std::string read_report() const {
    std::string text(kMaxReport, '\0');
    const ssize_t count = ::read(report_.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

 private:
  [[noreturn]] static void fail(const char* call) {
    throw std::system_error(errno, std::generic_category(), call);
  }

  pid_t pid_ = -1;
  Descriptor report_;
  Descriptor ended_;
};

}  // namespace

void probe_app(const AppSpec& spec, const std::function<void()>& prepare,
               milliseconds limit) {
  Probe probe(spec, prepare);
  if (!probe.wait(limit))
    throw AppError(fmt::format(
        "{}: did not return within {} from its static constructors and "
        "registration: do lasting work in a start-up hook",
        spec.text,
        limit >= seconds{1} ? fmt::format("{:g} s", to_seconds(limit))
                            : fmt::format("{} ms", limit.count())));
  const int status = probe.reap();
  const std::string report = probe.read_report();
  if (!report.empty() && report[0] == kFailed) throw AppError(report.substr(1));
  if (WIFSIGNALED(status))
    throw AppError(fmt::format(
        "{}: crashed in a static constructor or in its registration: {}",
        spec.text, signal_text(WTERMSIG(status))));
  if (report.empty())
    throw AppError(fmt::format(
        "{}: ended the process with exit code {} in a static constructor or "
        "in its registration: an app must return",
        spec.text, WEXITSTATUS(status)));
}

}  // namespace launch
