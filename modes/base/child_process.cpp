#include "modes/base/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <fmt/core.h>

namespace launch {
namespace {

namespace process = boost::process::v2;
using ErrorCode = boost::system::error_code;

constexpr int kLastSignal = 64;
constexpr unsigned kFirstNonStandardFd = 3;

[[noreturn]] void throw_start_error(const std::string& program, int error) {
  throw std::system_error(error, std::generic_category(),
                          fmt::format("cannot start {}", program));
}

bool is_program(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

/// As a shell finds it: a name with a '/' is a path, any other is in PATH.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!name.empty() && !rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const std::string_view folder = end == 0 ? "." : rest.substr(0, end);
    std::string candidate = fmt::format("{}/{}", folder, name);
    if (is_program(candidate)) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  throw_start_error(name, ENOENT);
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

std::vector<std::string> changed_environment(
    const std::vector<std::string>& changes) {
  std::vector<std::string> result;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry)
    result.emplace_back(*entry);
  for (const std::string& change : changes) {
    std::erase_if(result, [&](const std::string& entry) {
      return name_of(entry) == name_of(change);
    });
    if (change.find('=') != std::string::npos) result.push_back(change);
  }
  return result;
}

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(text.c_str());
  result.push_back(nullptr);
  return result;
}

/// Blocks every signal while a child comes into being: until its actions are
/// reset, the child would run the handlers of its parent.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

/// The descriptors that a child inherits, ready to be moved to their numbers.
/// Copies of all sources stand above all targets, so that no move overwrites
/// what a later one needs; and every target is occupied here, so that Boost's
/// own pipe, through which it learns of a failed exec, cannot be at one.
class Inheritance {
 public:
  Inheritance(const std::vector<InheritedDescriptor>& wanted,
              const std::string& program) {
    int last = STDERR_FILENO;
    for (const auto& item : wanted) last = std::max(last, item.number);
    for (const auto& item : wanted) {
      copies_.push_back(copy(item.fd, last + 1, program));
      numbers_.push_back(item.number);
    }
    for (const auto& item : wanted)
      placeholders_.push_back(copy(item.fd, item.number, program));
  }

  const std::vector<int>& numbers() const { return numbers_; }

  /// In the child. Returns 0 or errno.
  int move_into_place() const {
    // Kernels before 5.11 refuse; our own descriptors are close-on-exec anyway.
    ::close_range(kFirstNonStandardFd, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    for (std::size_t i = 0; i < copies_.size(); ++i)
      if (::dup2(copies_[i].get(), numbers_[i]) < 0) return errno;
    return 0;
  }

 private:
  static Descriptor copy(int fd, int at_least, const std::string& program) {
    Descriptor result{::fcntl(fd, F_DUPFD_CLOEXEC, at_least)};
    if (!result) throw_start_error(program, errno);
    return result;
  }

  std::vector<Descriptor> copies_;
  std::vector<Descriptor> placeholders_;
  std::vector<int> numbers_;
};

/// What happens between fork and exec; Boost calls the functions by name.
struct Initialiser {
  const ChildSpec& spec;
  const Inheritance& inheritance;
  pid_t parent;

  ErrorCode on_setup(process::posix::default_launcher& launcher,
                     const process::filesystem::path&,
                     const char* const*) const {
    for (const int number : inheritance.numbers())
      launcher.fd_whitelist.push_back(number);
    return {};
  }

  ErrorCode on_exec_setup(process::posix::default_launcher&,
                          const process::filesystem::path&,
                          const char* const*) const {
    // Boost reports errno to the parent, whatever this returns.
    errno = prepare();
    return {errno, boost::system::system_category()};
  }

  /// Boost would call exit(), which runs what our parent registered. Any
  /// arguments: Boost 1.81 looks for five here and then passes four.
  template <typename... Arguments>
  void on_exec_error(Arguments&&...) const {
    ::_exit(127);
  }

 private:
  int prepare() const {
    if (spec.own_session && ::setsid() < 0) return errno;
    if (spec.own_process_group && ::setpgid(0, 0) < 0) return errno;
    if (const int error = inheritance.move_into_place(); error != 0)
      return error;
    for (int number = 1; number <= kLastSignal; ++number)
      std::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (spec.identity)
      if (const int error = become(*spec.identity); error != 0) return error;
    // Last, since a change of user forgets it.
    if (spec.death_signal == 0) return 0;
    if (::prctl(PR_SET_PDEATHSIG, spec.death_signal) < 0) return errno;
    return ::getppid() == parent ? 0 : ESRCH;  // it ended before the prctl
  }
};

void kill_and_reap(pid_t pid) {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// With SIGCHLD ignored, as some parents hand it down, the kernel would reap
/// our children itself and lose their status.
void keep_statuses_of_children() {
  struct sigaction action {};
  ::sigaction(SIGCHLD, nullptr, &action);
  if (action.sa_handler == SIG_IGN) std::signal(SIGCHLD, SIG_DFL);
}

pid_t start(const ChildSpec& spec) {
  if (spec.argv.empty()) throw_start_error("a program without a name", EINVAL);
  const std::string& name = spec.argv.front();
  const std::string program = find_program(name);
  const Inheritance inheritance(spec.descriptors, name);
  const auto environment = changed_environment(spec.environment);
  const auto environment_pointers = pointers_to(environment);
  auto arguments = pointers_to(spec.argv);
  keep_statuses_of_children();

  boost::asio::io_context context;
  process::posix::default_launcher launcher;
  launcher.env = environment_pointers.data();
  ErrorCode error;
  try {
    const SignalsBlocked blocked;
    launcher(context.get_executor(), error, program, arguments.data(),
             Initialiser{spec, inheritance, ::getpid()})
        .detach();
  } catch (...) {
    if (launcher.pid > 0) kill_and_reap(launcher.pid);
    throw;
  }
  if (error) {
    // Boost leaves a child that could not exec to be reaped by us.
    if (launcher.pid > 0) kill_and_reap(launcher.pid);
    throw_start_error(name, error.value());
  }
  return launcher.pid;
}

Descriptor open_pidfd(pid_t pid) {
  Descriptor fd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (!fd) {
    const int error = errno;
    kill_and_reap(pid);
    throw std::system_error(error, std::generic_category(), "pidfd_open");
  }
  return fd;
}

}  // namespace

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? fmt::format("SIG{}", name)
                         : fmt::format("signal {}", number);
}

std::string to_string(const ExitStatus& status) {
  if (status.signal == 0) return fmt::format("exit code {}", status.code);
  return fmt::format("signal {} ({})", status.signal,
                     signal_name(status.signal));
}

ChildProcess::ChildProcess(const ChildSpec& spec)
    : pid_(start(spec)), pidfd_(open_pidfd(pid_)) {}

ChildProcess ChildProcess::take_over(pid_t pid) {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info,
               WEXITED | WNOHANG | WNOWAIT) < 0)
    throw std::system_error(errno, std::generic_category(), "waitid");
  ChildProcess process;
  process.pid_ = pid;
  process.pidfd_ = open_pidfd(pid);
  return process;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      status_(std::exchange(other.status_, std::nullopt)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !status_) kill_and_reap(pid_);
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

std::optional<ExitStatus> ChildProcess::reap() {
  if (status_ || pid_ <= 0) return status_;
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) < 0)
    throw std::system_error(errno, std::generic_category(), "waitid");
  if (info.si_pid == 0) return std::nullopt;
  if (info.si_code == CLD_EXITED)
    status_ = ExitStatus{info.si_status, 0};
  else
    status_ = ExitStatus{0, info.si_status};
  return status_;
}

std::optional<ExitStatus> ChildProcess::wait_for(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!reap()) {
    const auto left =
        std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) break;
    pollfd ended{pidfd_.get(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(std::min<long>(left, INT_MAX)));
  }
  return reap();
}

}  // namespace launch
