#include "modes/supervisor/prefork.hpp"

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
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "modes/base/process_stats.hpp"
#include "modes/supervisor/listener.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using nlohmann::json;

namespace {

constexpr milliseconds kLong{20'000};

// Stand-ins for a worker: they announce themselves as one does, and wait.
const std::string kWorks = "printf x >&201; exec sleep 60";
const std::string kStubborn = "trap '' TERM; printf x >&201; exec sleep 60";

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = Clock::now() + kLong;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

bool gone(pid_t pid) { return ::kill(pid, 0) == -1 && errno == ESRCH; }

/// A supervisor of stand-ins, in a process of its own.
class Service {
 public:
  Service(int workers, const std::string& script,
          milliseconds graceful_timeout = kLong)
      : Service(
            workers, [&](int) { return shell(script); }, graceful_timeout) {}

  Service(int workers, const WorkerCommand& command,
          milliseconds graceful_timeout = kLong)
      : bound_(bind_listener("127.0.0.1", 0)),
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
      ServePlan plan;
      plan.mode = *find_mode("prefork");
      plan.shape = {.workers = workers, .threads = 1};
      plan.graceful_timeout = graceful_timeout;
      plan.ready_fd = ready[1];
      plan.stats_fd = stats[1];
      supervise(plan, command);
    }
    bound_.fd.reset();
    ::close(ready[1]);
    ::close(stats[1]);
  }

  ~Service() {
    if (pid_ <= 0) return;
    for (const pid_t pid : process_tree(pid_)) ::kill(pid, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

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
    const json ready = json::parse(ready_line());
    for (const json& worker : ready.at("workers"))
      pids.push_back(worker.at("pid").get<pid_t>());
    return pids;
  }

  /// The slot of a worker as the stats descriptor tells it.
  json stats_of(int id) {
    REQUIRE(::send(stats_.get(), ".", 1, MSG_NOSIGNAL) == 1);
    return last_stats_of(id);
  }
  json last_stats_of(int id) {
    return json::parse(line_from(stats_))
        .at("workers")
        .at(static_cast<std::size_t>(id) - 1);
  }

  void signal(int number) const { ::kill(pid_, number); }

  /// The outcome, once the supervisor has ended.
  Outcome outcome() {
    int status = -1;
    REQUIRE(
        eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }));
    pid_ = -1;
    REQUIRE(WIFEXITED(status));
    return static_cast<Outcome>(WEXITSTATUS(status));
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
  [[noreturn]] void supervise(const ServePlan& plan,
                              const WorkerCommand& command) {
    ::dup2(log_.get(), STDERR_FILENO);
    ready_.reset();
    stats_.reset();
    std::vector<Bound> listeners;
    listeners.push_back(std::move(bound_));
    const ServeResult result = run_prefork(plan, std::move(listeners), command);
    log_info("{}", result.message);
    ::_exit(static_cast<int>(result.outcome));
  }

  static std::string line_from(const Descriptor& fd) {
    std::string line;
    for (char byte = 0;;) {
      pollfd entry{fd.get(), POLLIN, 0};
      REQUIRE(::poll(&entry, 1, static_cast<int>(kLong.count())) == 1);
      if (::read(fd.get(), &byte, 1) != 1 || byte == '\n') return line;
      line += byte;
    }
  }

  Bound bound_;
  Descriptor log_;
  Descriptor ready_;
  Descriptor stats_;
  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("a service tells when all workers are ready", "[prefork]") {
  Service service(3, kWorks);
  const json ready = json::parse(service.ready_line());
  CHECK(ready.at("pid") == service.pid());
  CHECK(ready.at("mode") == "prefork");
  CHECK(ready.at("addresses") == json{service.url()});
  REQUIRE(ready.at("workers").size() == 3);
  for (int id = 1; id <= 3; ++id) {
    const json& worker = ready.at("workers").at(static_cast<size_t>(id) - 1);
    CHECK(worker.at("id") == id);
    CHECK_FALSE(gone(worker.at("pid").get<pid_t>()));
    CHECK(service.stats_of(id).at("pid") == worker.at("pid"));
  }
  CHECK(service.logged("Started parent process [" +
                       std::to_string(service.pid()) + "]"));
  CHECK(service.logged("launch running on " + service.url() +
                       " (Press CTRL+C to quit)"));
}

TEST_CASE("a service stops on request and leaves nobody behind", "[prefork]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Service service(2, kWorks);
    const std::vector<pid_t> workers = service.ready_pids();
    service.signal(signal);
    CHECK(service.outcome() == Outcome::stopped);
    for (const pid_t pid : workers) CHECK(gone(pid));
    CHECK(service.last_stats_of(1).at("pid") == 0);
    CHECK(service.logged("Stopping parent process ["));
  }
}

TEST_CASE("a killed worker is replaced under its id", "[prefork]") {
  Service service(2, kWorks);
  const std::vector<pid_t> workers = service.ready_pids();
  ::kill(workers.at(1), SIGKILL);
  CHECK(eventually([&] {
    const pid_t now = service.stats_of(2).at("pid").get<pid_t>();
    return now != 0 && now != workers.at(1);
  }));
  CHECK(service.stats_of(1).at("pid") == workers.at(0));
  CHECK(service.logged("Worker 2 [pid " + std::to_string(workers.at(1)) +
                       "] died: signal 9 (SIGKILL); replacing it\n"));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
}

TEST_CASE("a replacement counts on, without the connections of the dead",
          "[prefork]") {
  // Writes 7 requests and 5 connections into slot 1, unless it was written.
  Service service(1, R"sh(
      board=/proc/self/fd/202
      if [ "$(od -An -tu1 -N1 $board | tr -d ' ')" = 0 ]; then
        printf '\7' | dd of=$board bs=1 conv=notrunc status=none
        printf '\5' | dd of=$board bs=1 seek=16 conv=notrunc status=none
      fi
      printf x >&201
      exec sleep 60)sh");
  const pid_t first = service.ready_pids().at(0);
  CHECK(service.stats_of(1).at("requests") == 7);
  CHECK(service.stats_of(1).at("connections") == 5);
  ::kill(first, SIGKILL);
  json now;
  CHECK(eventually([&] {
    now = service.stats_of(1);
    return now.at("pid") != 0 && now.at("pid") != first;
  }));
  CHECK(now.at("requests") == 7);
  CHECK(now.at("connections") == 0);
}

TEST_CASE("a worker inherits its three descriptors and its own group",
          "[prefork]") {
  Service service(1, R"(
      [ -S /proc/self/fd/210 ] && [ -p /proc/self/fd/201 ] &&
      [ -e /proc/self/fd/202 ] && printf x >&201
      exec sleep 60)");
  const pid_t worker = service.ready_pids().at(0);
  CHECK(::getpgid(worker) == worker);
}

TEST_CASE("an app that cannot start ends the service", "[prefork]") {
  Service service(2, [](int id) {
    return Service::shell(id == 1 ? "exit 3" : "exec sleep 60");
  });
  CHECK(service.outcome() == Outcome::app_failed);
  CHECK(service.ready_line().empty());
  CHECK(service.logged("the application could not be started in worker 1"));
}

TEST_CASE("the reason that a worker tells is the service's reason",
          "[prefork]") {
  Service service(2, "echo '!the database is away' >&201; exit 3");
  CHECK(service.outcome() == Outcome::app_failed);
  CHECK(service.logged("INFO:     the database is away\n"));
  CHECK_FALSE(service.logged("WARNING"));
}

TEST_CASE("a replacement that cannot start is told with its reason",
          "[prefork]") {
  Service service(1, [started = false](int) mutable {
    return Service::shell(
        std::exchange(started, true) ? "echo '!gone' >&201; exit 3" : kWorks);
  });
  ::kill(service.ready_pids().at(0), SIGKILL);
  CHECK(eventually([&] {
    return service.logged("died: exit code 3: gone; replacing it in 100 ms\n");
  }));
}

TEST_CASE("a service that only crashes gives up", "[prefork]") {
  Service service(1, "printf x >&201; kill -SEGV $$");
  CHECK(service.outcome() == Outcome::crash_loop);
  CHECK(service.logged("died: signal 11 (SIGSEGV); replacing it\n"));
  CHECK(service.logged("died: signal 11 (SIGSEGV); replacing it in 400 ms\n"));
  CHECK(service.logged("gave up after 5 deaths of workers in a row"));
}

TEST_CASE("a program that cannot be started is a death with its reason",
          "[prefork]") {
  Service service(
      1, [](int) { return std::vector<std::string>{"/no/such/worker"}; });
  CHECK(service.outcome() == Outcome::crash_loop);
  CHECK(
      service.logged("Worker 1: cannot start /no/such/worker: No such file "
                     "or directory"));
}

TEST_CASE("a second signal kills at once", "[prefork]") {
  Service service(2, kStubborn);
  const std::vector<pid_t> workers = service.ready_pids();
  service.signal(SIGTERM);
  REQUIRE(eventually(
      [&] { return service.logged("Received SIGTERM: stopping gracefully"); }));
  CHECK_FALSE(gone(workers.at(0)));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
  CHECK(service.logged("Received SIGTERM: stopping at once"));
  for (const pid_t pid : workers) CHECK(gone(pid));
}

TEST_CASE("a worker that does not stop is killed in the end", "[prefork]") {
  Service service(1, kStubborn, milliseconds{50});
  const pid_t worker = service.ready_pids().at(0);
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
  CHECK(gone(worker));
  CHECK(service.logged("it did not stop within 50 ms"));
}

TEST_CASE("workers end when their supervisor is killed", "[prefork]") {
  Service service(2, kWorks);
  const std::vector<pid_t> workers = service.ready_pids();
  service.signal(SIGKILL);
  for (const pid_t pid : workers) CHECK(eventually([&] { return gone(pid); }));
}

TEST_CASE("the port is free once the service has stopped", "[prefork]") {
  Service service(1, kWorks);
  service.ready_pids();
  CHECK_THROWS(bind_listener("127.0.0.1", service.port()));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
  CHECK(bind_listener("127.0.0.1", service.port()).port == service.port());
}
