#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "modes/base/process_stats.hpp"
#include "modes/log.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/supervisor/prefork.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

// Stand-ins for a worker: they announce themselves as one does, and wait.
inline const std::string kWorks = "printf x >&201; exec sleep 60";
inline const std::string kStubborn =
    "trap '' TERM; printf x >&201; exec sleep 60";

inline bool gone(pid_t pid) { return ::kill(pid, 0) == -1 && errno == ESRCH; }

/// A supervisor of stand-ins, in a process of its own.
class Supervised {
 public:
  using Change = std::function<void(launch::ServePlan&)>;

  Supervised(
      int workers, const std::string& script,
      const Change& change = [](launch::ServePlan&) {})
      : Supervised(
            workers, [&](int, int) { return shell(script); }, change) {}

  /// Called in the supervisor's process before it begins.
  using Before = std::function<std::optional<launch::Handover>()>;

  Supervised(
      int workers, const launch::WorkerCommand& command,
      const Change& change = [](launch::ServePlan&) {},
      const Before& before = [] { return std::nullopt; })
      : bound_(launch::bind_listener("127.0.0.1", 0)),
        log_(::memfd_create("log", MFD_CLOEXEC)) {
    std::array<int, 2> ready{};
    std::array<int, 2> stats{};
    REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
                         stats.data()) == 0);
    ready_.reset(ready[0]);
    stats_.reset(stats[0]);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      launch::ServePlan plan;
      plan.mode = *launch::find_mode("prefork");
      plan.shape = {.workers = workers, .threads = 1};
      plan.graceful_timeout = kLongest;
      plan.supervision.backoff.first = launch::milliseconds{10};
      plan.ready_fd = ready[1];
      plan.stats_fd = stats[1];
      change(plan);
      supervise(plan, command, before());
    }
    bound_.fd.reset();
    ::close(ready[1]);
    ::close(stats[1]);
  }

  ~Supervised() {
    if (pid_ <= 0) return;
    for (const pid_t pid : launch::process_tree(pid_)) ::kill(pid, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  Supervised(const Supervised&) = delete;
  Supervised& operator=(const Supervised&) = delete;

  static std::vector<std::string> shell(const std::string& script) {
    return {"/bin/bash", "-c", script};
  }

  pid_t pid() const { return pid_; }
  const std::string& url() const { return bound_.url; }
  std::uint16_t port() const { return bound_.port; }
  std::string ready_line() { return line_from(ready_); }

  /// The worker pids of the ready line.
  std::vector<pid_t> ready_pids() {
    std::vector<pid_t> pids;
    const nlohmann::json ready = nlohmann::json::parse(ready_line());
    for (const nlohmann::json& worker : ready.at("workers"))
      pids.push_back(worker.at("pid").get<pid_t>());
    return pids;
  }

  /// The slot of a worker as the stats descriptor tells it.
  nlohmann::json stats_of(int id) {
    REQUIRE(::send(stats_.get(), ".", 1, MSG_NOSIGNAL) == 1);
    return last_stats_of(id);
  }
  nlohmann::json last_stats_of(int id) {
    return nlohmann::json::parse(line_from(stats_))
        .at("workers")
        .at(static_cast<std::size_t>(id) - 1);
  }

  /// The pid of a worker that is ready; 0 while there is none.
  pid_t pid_of(int id) { return stats_of(id).at("pid").get<pid_t>(); }
  /// Waits until worker `id` has another process than `before` that is ready.
  pid_t successor_of(int id, pid_t before) {
    pid_t now = 0;
    REQUIRE(eventually([&] {
      now = pid_of(id);
      return now != 0 && now != before;
    }));
    return now;
  }

  /// How many workers live, whatever they do.
  std::size_t processes() const {
    return launch::process_tree(pid_).size() - 1;
  }

  void signal(int number) const { ::kill(pid_, number); }

  /// The outcome, once the supervisor has ended.
  launch::Outcome outcome() {
    int status = -1;
    REQUIRE(
        eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }));
    pid_ = -1;
    REQUIRE(WIFEXITED(status));
    return static_cast<launch::Outcome>(WEXITSTATUS(status));
  }

  std::string log() const {
    std::string text(1 << 20, '\0');
    const ssize_t size = ::pread(log_.get(), text.data(), text.size(), 0);
    REQUIRE(size >= 0);
    text.resize(static_cast<std::size_t>(size));
    return text;
  }
  bool logged(const std::string& text) const {
    return log().find(text) != std::string::npos;
  }

 private:
  [[noreturn]] void supervise(
      const launch::ServePlan& plan, const launch::WorkerCommand& command,
      const std::optional<launch::Handover>& predecessor) {
    ::setsid();  // without a terminal, wherever the tests run
    ::dup2(log_.get(), STDERR_FILENO);
    ready_.reset();
    stats_.reset();
    std::vector<launch::Bound> listeners;
    listeners.push_back(std::move(bound_));
    const launch::ServeResult result =
        launch::run_prefork(plan, std::move(listeners), predecessor, command);
    launch::log_info("{}", result.message);
    ::_exit(static_cast<int>(result.outcome));
  }

  static std::string line_from(const launch::Descriptor& fd) {
    std::string line;
    for (char byte = 0;;) {
      pollfd entry{fd.get(), POLLIN, 0};
      REQUIRE(::poll(&entry, 1, static_cast<int>(kLongest.count())) == 1);
      if (::read(fd.get(), &byte, 1) != 1 || byte == '\n') return line;
      line += byte;
    }
  }

  launch::Bound bound_;
  launch::Descriptor log_;
  launch::Descriptor ready_;
  launch::Descriptor stats_;
  pid_t pid_ = -1;
};
