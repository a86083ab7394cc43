#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <vector>

#include <nlohmann/json.hpp>

#include "modes/base/child_process.hpp"
#include "modes/log.hpp"
#include "modes/supervisor/listener.hpp"
#include "modes/worker.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/test_apps.hpp"

// A worker in a process of its own, for the tests of it.

namespace worker_run {

using namespace launch;
using nlohmann::json;

/// Everything that `fd` gives until its next line end, or its end.
inline std::string line_from(const Descriptor& fd) {
  std::string line;
  for (char byte = 0;;) {
    if (!becomes_readable(fd.get())) return line + "(no more came)";
    if (::read(fd.get(), &byte, 1) != 1 || byte == '\n') return line;
    line += byte;
  }
}

/// A worker in a process of its own.
class Worker {
 public:
  struct Setup {
    WorkerPlan plan;
    bool supervised = false;
    std::string hooks_log{};
  };

  explicit Worker(const Setup& setup)
      : bound_(bind_listener("127.0.0.1", 0)),
        log_(::memfd_create("log", MFD_CLOEXEC)) {
    std::array<int, 2> told{};
    std::array<int, 2> stats{};
    std::array<int, 2> wait{};
    REQUIRE(::pipe2(told.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(wait.data(), O_CLOEXEC) == 0);
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
                         stats.data()) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(stats[0]);
      ::close(told[0]);
      ::setenv("WAIT_FD", std::to_string(wait[0]).c_str(), 1);
      ::setenv("HOOKS_LOG", setup.hooks_log.c_str(), 1);
      run(setup, Descriptor{told[1]}, Descriptor{stats[1]});
    }
    told_.reset(told[0]);
    stats_.reset(stats[0]);
    release_.reset(wait[1]);
    for (const int fd : {told[1], stats[1], wait[0]}) ::close(fd);
    bound_.fd.reset();
  }
  ~Worker() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& url() const { return bound_.url; }
  RawClient client() const { return RawClient{bound_.port}; }
  void signal(int number) const { ::kill(pid_, number); }
  void release_handler() const { CHECK(::write(release_.get(), "x", 1) == 1); }

  /// What the supervisor or the ready descriptor is told.
  std::string told() { return line_from(told_); }
  /// One byte of it.
  char told_byte() {
    char byte = 0;
    REQUIRE(becomes_readable(told_.get()));
    return ::read(told_.get(), &byte, 1) == 1 ? byte : '\0';
  }

  json stats() {
    REQUIRE(::send(stats_.get(), ".", 1, MSG_NOSIGNAL) == 1);
    return last_stats();
  }
  json last_stats() {
    return json::parse(line_from(stats_)).at("workers").at(0);
  }

  bool has_ended() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
    return pid_ < 0;
  }
  /// The outcome, once it has ended.
  Outcome outcome() {
    REQUIRE(eventually([&] { return has_ended(); }));
    REQUIRE(WIFEXITED(status_));
    return static_cast<Outcome>(WEXITSTATUS(status_));
  }

  bool logged(const std::string& text) const {
    std::string log(1 << 16, '\0');
    const ssize_t size = ::pread(log_.get(), log.data(), log.size(), 0);
    REQUIRE(size >= 0);
    log.resize(static_cast<std::size_t>(size));
    return log.find(text) != std::string::npos;
  }

 private:
  [[noreturn]] void run(const Setup& setup, Descriptor told, Descriptor stats) {
    ::dup2(log_.get(), STDERR_FILENO);
    std::vector<Bound> listeners;
    listeners.push_back(std::move(bound_));
    WorkerLinks links{.listeners = std::move(listeners),
                      .scoreboard = Scoreboard::create(),
                      .stats = std::move(stats)};
    if (setup.supervised) {
      links.supervisor = std::move(told);
    } else {
      links.ready = std::move(told);
      links.ready_line = "ready";
    }
    const ServeResult result = run_worker(setup.plan, std::move(links));
    log_info("{}", result.message);
    ::_exit(static_cast<int>(result.outcome));
  }

  Bound bound_;
  Descriptor log_;
  Descriptor told_;
  Descriptor stats_;
  Descriptor release_;
  pid_t pid_ = -1;
  int status_ = 0;
};

inline WorkerPlan plan(const AppSpec& app, int threads,
                       milliseconds graceful_timeout = kLongest) {
  return {.app = app,
          .id = 1,
          .shape = {.workers = 1, .threads = threads},
          .access_log = {},
          .trusted_peers = {},
          .graceful_timeout = graceful_timeout};
}

inline constexpr char kWait[] = "GET /wait HTTP/1.1\r\nHost: test\r\n\r\n";

}  // namespace worker_run
