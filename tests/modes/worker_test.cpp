#include "modes/worker.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "modes/base/child_process.hpp"
#include "modes/log.hpp"
#include "modes/supervisor/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;
using nlohmann::json;

namespace {

/// Everything that `fd` gives until its next line end, or its end.
std::string line_from(const Descriptor& fd) {
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

WorkerPlan plan(const AppSpec& app, int threads,
                milliseconds graceful_timeout = kLongest) {
  return {.app = app,
          .id = 1,
          .shape = {.workers = 1, .threads = threads},
          .access_log = {},
          .trusted_peers = {},
          .graceful_timeout = graceful_timeout};
}

constexpr char kWait[] = "GET /wait HTTP/1.1\r\nHost: test\r\n\r\n";

}  // namespace

TEST_CASE("a worker alone tells that it is ready, serves and stops",
          "[worker]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
    CHECK(worker.told() == "ready");
    CHECK(worker.told().empty());  // and closes the descriptor
    CHECK(worker.logged("Started server process [" +
                        std::to_string(worker.pid()) + "]"));
    CHECK(worker.logged("Waiting for application startup."));
    CHECK(worker.logged("Application startup complete."));
    CHECK(worker.logged("launch running on " + worker.url() +
                        " (Press CTRL+C to quit)"));
    RawClient client = worker.client();
    CHECK(body_of(client.get("/")) == "here\n");
    worker.signal(signal);
    CHECK(client.is_closed());
    CHECK(worker.outcome() == Outcome::stopped);
    CHECK(worker.logged("Shutting down"));
    CHECK(worker.logged("Finished server process ["));
  }
}

TEST_CASE("a worker under a supervisor tells it with one byte", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1), .supervised = true}};
  CHECK(worker.told_byte() == '+');
  CHECK(body_of(worker.client().get("/")) == "here\n");
  CHECK_FALSE(worker.logged("launch running on"));
  CHECK(worker.stats().at("pid") == 0);  // the supervisor's to enter
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a worker answers for its counters, and once at the end",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1)}};
  worker.told();
  CHECK(worker.stats().at("requests") == 0);
  CHECK(worker.stats().at("pid") == worker.pid());
  RawClient client = worker.client();
  client.get("/");
  client.get("/");
  CHECK(eventually([&] { return worker.stats().at("requests") == 2; }));
  CHECK(worker.stats().at("connections") == 1);
  worker.signal(SIGTERM);
  const json last = worker.last_stats();
  CHECK(last.at("requests") == 2);
  CHECK(last.at("accepted") == 1);
  CHECK(last.at("connections") == 0);
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a stop waits for the request in flight", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGTERM);
  CHECK(eventually([&] { return worker.logged("Shutting down"); }));
  worker.release_handler();
  const std::string response = client.receive();
  CHECK(body_of(response) == "waited\n");
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK_FALSE(worker.logged("were cut"));
}

TEST_CASE("a second signal ends a worker whose handler is blocked",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGTERM);
  REQUIRE(eventually([&] { return worker.logged("Shutting down"); }));
  CHECK_FALSE(worker.has_ended());
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK(worker.logged("1 connections were cut while they were open or being"));
  CHECK(worker.logged("a handler did not return: ending without it"));
  CHECK(client.is_closed());
}

TEST_CASE("the graceful time-out ends a worker whose handler is blocked",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1, milliseconds{50})}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK(worker.logged("a handler did not return"));
}

TEST_CASE("SIGQUIT ends a worker at once", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGQUIT);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK(client.is_closed());
}

TEST_CASE("an idle connection is waited for by SIGTERM, not by SIGINT",
          "[worker]") {
  WorkerPlan patient = plan(test_app("waits"), 1);
  patient.limits[static_cast<std::size_t>(Limit::keep_alive_drain)] = 600'000;
  Worker worker{{.plan = patient}};
  worker.told();
  RawClient client = worker.client();
  CHECK(body_of(client.get("/")) == "here\n");
  worker.signal(SIGTERM);
  CHECK(eventually([&] { return worker.logged("Shutting down"); }));
  const std::string last = client.get("/");
  CHECK(body_of(last) == "here\n");
  CHECK(last.find("Connection: close") != std::string::npos);
  CHECK(client.is_closed());
  CHECK(worker.outcome() == Outcome::stopped);

  Worker other{{.plan = patient}};
  other.told();
  RawClient idle = other.client();
  CHECK(body_of(idle.get("/")) == "here\n");
  other.signal(SIGINT);
  CHECK(idle.is_closed());
  CHECK(other.outcome() == Outcome::stopped);
}

TEST_CASE("a worker alone answers what needs a supervisor with one line",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1)}};
  worker.told();
  for (const int signal : {SIGHUP, SIGTTIN, SIGTTOU, SIGUSR2}) {
    worker.signal(signal);
    CHECK(eventually([&] {
      return worker.logged("Received " + signal_name(signal) +
                           ", which needs a supervisor");
    }));
  }
  worker.signal(SIGWINCH);
  CHECK(body_of(worker.client().get("/")) == "here\n");
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a worker under a supervisor ignores what is meant for that one",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1), .supervised = true}};
  CHECK(worker.told_byte() == '+');
  for (const int signal : {SIGHUP, SIGTTIN, SIGTTOU, SIGWINCH})
    worker.signal(signal);
  CHECK(body_of(worker.client().get("/")) == "here\n");
  worker.signal(SIGUSR2);  // but writes down its stacks
  CHECK(eventually([&] { return worker.logged("Stack of thread "); }));
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK_FALSE(worker.logged("Received"));
}

TEST_CASE("a drain delay of a worker alone serves on before the stop",
          "[worker]") {
  WorkerPlan slow = plan(test_app("waits"), 1);
  slow.drain_delay = kLongest;
  Worker worker{{.plan = slow}};
  worker.told();
  worker.signal(SIGTERM);
  CHECK(eventually([&] { return worker.logged("Serving for another"); }));
  CHECK(body_of(worker.client().get("/")) == "here\n");
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("an app may stop its worker", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  CHECK(body_of(worker.client().get("/stop")) == "stopping\n");
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a worker whose app does not start tells its supervisor or the user",
          "[worker]") {
  const std::string sentence = "throws_at_start.so: a start-up hook threw: ";
  for (const bool supervised : {false, true}) {
    Worker worker{{.plan = plan(test_app("throws_at_start"), 1),
                   .supervised = supervised}};
    CHECK(worker.outcome() == Outcome::app_failed);
    CHECK(worker.logged(sentence) == !supervised);
    const std::string told = worker.told();
    CHECK(told.starts_with(supervised ? kFailedNews + sentence : ""));
    CHECK(told.empty() == !supervised);
  }
  Worker missing{{.plan = plan(test_app("does_not_exist"), 1)}};
  CHECK(missing.outcome() == Outcome::app_failed);
  CHECK(missing.logged("does_not_exist.so"));
}

TEST_CASE("hooks run before the first request and after the last", "[worker]") {
  std::string folder = std::filesystem::temp_directory_path() / "hooksXXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string file = folder + "/log";
  Worker worker{{.plan = plan(test_app("hooks"), 1), .hooks_log = file}};
  worker.told();
  CHECK(body_of(worker.client().get("/")) == "hooked\n");
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  std::ifstream stream(file);
  std::string events;
  for (std::string line; std::getline(stream, line);)
    events += line.substr(0, line.find('/')) + "; ";
  CHECK(events ==
        "start first 1; start second 1; stop second 1; stop first 1; ");
  std::filesystem::remove_all(folder);
}
