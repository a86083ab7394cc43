#include "bench/compare/server_under_test.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/core.h>

#include "bench/compare/probe.hpp"
#include "bench/compare/session.hpp"
#include "bench/compare/start_command.hpp"
#include "modes/base/process_stats.hpp"

namespace launch::bench {
namespace {

// A server whose only thread is blocked answers once its handlers are done.
constexpr milliseconds kCountsLimit{5000};
constexpr milliseconds kStopLimit{10'000};
// A foreign server is asked until it answers.
constexpr milliseconds kProbeLimit{1000};
constexpr milliseconds kProbePause{10};
// Between closing its descriptors and being gone.
constexpr milliseconds kEndLimit{500};

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

struct Pair {
  Descriptor ours;
  Descriptor theirs;
};

Pair make_pipe() {
  int ends[2];
  check(::pipe2(ends, O_CLOEXEC) == 0, "cannot make a pipe for a server");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Pair make_socket_pair() {
  int ends[2];
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0,
        "cannot make a socket for a server");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

enum class LineEnd { line, closed, timeout };

// Reads up to and without a newline; what follows it stays in `unread`.
LineEnd read_line(int fd, Clock::time_point deadline, std::string& unread,
                  std::string& line) {
  for (;;) {
    const std::size_t newline = unread.find('\n');
    if (newline != std::string::npos) {
      line = unread.substr(0, newline);
      unread.erase(0, newline + 1);
      return LineEnd::line;
    }
    const auto left =
        std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return LineEnd::timeout;
    pollfd poll_fd{fd, POLLIN, 0};
    if (::poll(&poll_fd, 1, static_cast<int>(left)) <= 0) continue;
    char buffer[4096];
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got == 0 || (got < 0 && errno != EINTR)) return LineEnd::closed;
    if (got > 0) unread.append(buffer, static_cast<std::size_t>(got));
  }
}

ChildProcess start_child(const Contender& contender, const ServerOutput& output,
                         std::vector<InheritedDescriptor> descriptors) {
  ChildSpec spec;
  spec.argv = start_command(contender);
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  check(static_cast<bool>(nothing), "cannot open /dev/null");
  spec.descriptors = std::move(descriptors);
  spec.descriptors.insert(
      spec.descriptors.end(),
      {{nothing.get(), 0}, {output.fd(), 1}, {output.fd(), 2}});
  spec.environment = {"WEB_CONCURRENCY", "LAUNCH_WORKERS", "PORT"};
  spec.death_signal = SIGTERM;
  spec.own_session = true;
  try {
    return ChildProcess(spec);
  } catch (const std::system_error& error) {
    throw StartError(error.what());
  }
}

}  // namespace

ServerUnderTest::ServerUnderTest(const Contender& contender,
                                 milliseconds limit) {
  const Clock::time_point begin = Clock::now();
  try {
    if (contender.foreign)
      start_foreign(contender, begin + limit, limit);
    else
      start(contender, begin + limit, limit);
  } catch (...) {
    end();
    throw;
  }
  startup_ms_ = to_seconds(Clock::now() - begin) * 1e3;
}

void ServerUnderTest::start(const Contender& contender,
                            Clock::time_point deadline, milliseconds limit) {
  Pair ready = make_pipe();
  Pair stats = make_socket_pair();
  counts_ = std::move(stats.ours);
  child_.emplace(start_child(
      contender, output_,
      {{ready.theirs.get(), kReadyFd}, {stats.theirs.get(), kStatsFd}}));
  // Only the server holds its ends now, so its end is the end of the file.
  ready.theirs.reset();
  stats.theirs.reset();
  const std::string line = read_ready_line(ready.ours.get(), deadline, limit);
  const std::optional<Address> address = parse_ready_line(line);
  if (!address)
    throw StartError("wrote a ready line without an http:// address: " +
                     line.substr(0, 200));
  address_ = *address;
}

// Whatever it answers, it is there.
void ServerUnderTest::start_foreign(const Contender& contender,
                                    Clock::time_point deadline,
                                    milliseconds limit) {
  address_ = {kForeignHost, contender.port};
  child_.emplace(start_child(contender, output_, {}));
  while (!answers(address_.host, address_.port, kProbeLimit)) {
    if (Clock::now() >= deadline) throw StartError(not_ready(limit));
    if (const auto status = child_->wait_for(kProbePause))
      throw StartError(explained(
          fmt::format("ended with {} before it answered", to_string(*status))));
  }
}

ServerUnderTest::~ServerUnderTest() { end(); }

std::string ServerUnderTest::read_ready_line(int fd, Clock::time_point deadline,
                                             milliseconds limit) {
  std::string unread;
  std::string line;
  switch (read_line(fd, deadline, unread, line)) {
    case LineEnd::line:
      return line;
    case LineEnd::timeout:
      throw StartError(not_ready(limit));
    case LineEnd::closed:
      break;
  }
  const std::optional<ExitStatus> status = child_->wait_for(kEndLimit);
  throw StartError(explained(
      status
          ? fmt::format("ended with {} before it was ready", to_string(*status))
          : "closed its --ready-fd without a ready line"));
}

std::string ServerUnderTest::not_ready(milliseconds limit) const {
  return explained(fmt::format("was not ready within {} ms", limit.count()));
}

// With what the server printed about it.
std::string ServerUnderTest::explained(const std::string& what) const {
  const std::string line = telling_line(output_.tail());
  return line.empty() ? what : what + ": " + line;
}

double ServerUnderTest::cpu_s() const {
  nanoseconds sum{0};
  for (pid_t pid : process_tree(child_->pid()))
    sum +=
        cpu_time(pid).value_or(nanoseconds{0}) + reaped_children_cpu_time(pid);
  return to_seconds(sum);
}

std::uint64_t ServerUnderTest::pss_bytes() const {
  std::uint64_t sum = 0;
  for (pid_t pid : process_tree(child_->pid()))
    sum += launch::pss_bytes(pid).value_or(0);
  return sum;
}

void ServerUnderTest::ask_counts() {
  if (!counts_) return;
  const char any = '?';
  if (::send(counts_.get(), &any, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
    counts_.reset();
}

std::vector<WorkerCounts> ServerUnderTest::take_counts() {
  if (!counts_) return {};
  std::string line;
  const LineEnd ended =
      read_line(counts_.get(), Clock::now() + kCountsLimit, unread_, line);
  // After a late answer no line could be matched with its question.
  if (ended != LineEnd::line) {
    counts_.reset();
    return {};
  }
  return parse_counts_line(line).value_or(std::vector<WorkerCounts>{});
}

std::optional<std::string> ServerUnderTest::death() {
  output_.trim();
  const std::optional<ExitStatus> status = child_->reap();
  if (!status) return std::nullopt;
  return explained(
      fmt::format("ended with {} while it was measured", to_string(*status)));
}

std::optional<std::string> ServerUnderTest::stop() {
  child_->signal(SIGTERM);
  const bool ended = child_->wait_for(kStopLimit).has_value();
  end();
  if (ended) return std::nullopt;
  return fmt::format("did not stop within {} s and was killed",
                     kStopLimit.count() / 1000);
}

// The session also holds what a dead server left behind.
void ServerUnderTest::end() {
  if (!child_) return;
  child_->signal(SIGKILL);
  child_->wait_for(kStopLimit);
  kill_session(child_->pid());
}

}  // namespace launch::bench
