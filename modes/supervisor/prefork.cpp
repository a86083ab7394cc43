#include "modes/supervisor/prefork.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <deque>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "modes/base/child_process.hpp"
#include "modes/log.hpp"
#include "modes/stop_signals.hpp"
#include "modes/supervisor/policy.hpp"
#include "modes/supervisor/scoreboard.hpp"
#include "modes/supervisor/stats_channel.hpp"

namespace launch {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Worker {
  std::optional<ChildProcess> process;  ///< none while the id is vacant
  pid_t pid = 0;                        ///< of the last process of this id
  Descriptor news;                      ///< that it serves, or why not
  std::string failure;                  ///< why not
};

/// The loop around the policy: waits, feeds it what happened, does what it
/// says.
class Prefork {
 public:
  Prefork(const ServePlan& plan, std::vector<Bound> listeners,
          WorkerCommand command)
      : plan_(plan),
        listeners_(std::move(listeners)),
        command_(std::move(command)),
        ready_fd_(plan.ready_fd),
        stats_(Descriptor{plan.stats_fd}),
        scoreboard_(Scoreboard::create(plan.shape.workers)),
        workers_(static_cast<std::size_t>(plan.shape.workers)),
        policy_(plan.shape.workers,
                {.graceful_timeout = plan.graceful_timeout,
                 .app_failed_exit_code = kAppFailedStatus}) {}

  ServeResult run() {
    log_info("Started parent process [{}]", ::getpid());
    feed(Tick{});
    while (!result_) {
      wait();
      take_events();
    }
    stats_.send(scoreboard_);
    log_info("Stopping parent process [{}]", ::getpid());
    return *result_;
  }

 private:
  void wait();
  void take_events();
  void feed(const Event& event);

  void act(const Spawn& action);
  void act(const Kill& action);
  void act(const Replace& action);
  void act(const Announce& action);
  void act(const Finish& action);

  /// Takes what it told; true when it got ready.
  static bool became_ready(Worker& worker);
  void bury(int id, const ExitStatus& status);
  std::vector<InheritedDescriptor> inheritance(const Descriptor& told) const;
  Worker& worker(int id) {
    return workers_.at(static_cast<std::size_t>(id) - 1);
  }

  const ServePlan& plan_;
  std::vector<Bound> listeners_;
  WorkerCommand command_;
  StopSignals signals_;
  Descriptor ready_fd_;
  StatsChannel stats_;
  Scoreboard scoreboard_;
  std::vector<Worker> workers_;
  SupervisorPolicy policy_;
  std::deque<Event> events_;
  std::optional<ServeResult> result_;
  bool stopping_ = false;
};

/// Until the policy's deadline, or until there is something to take.
void Prefork::wait() {
  std::vector<pollfd> polled{{signals_.fd(), POLLIN, 0},
                             {stats_.poll_fd(), POLLIN, 0}};
  for (const Worker& worker : workers_) {
    polled.push_back({worker.news.get(), POLLIN, 0});
    polled.push_back(
        {worker.process ? worker.process->pidfd() : -1, POLLIN, 0});
  }
  int timeout = -1;
  if (const auto due = policy_.deadline(); due != Clock::time_point::max()) {
    const auto left = std::chrono::ceil<milliseconds>(due - Clock::now());
    timeout = static_cast<int>(std::clamp<long>(left.count(), 0, INT_MAX));
  }
  if (::poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR)
    throw_errno("poll");
  if (polled[1].revents != 0) stats_.answer(scoreboard_);
}

void Prefork::take_events() {
  while (const auto signal = signals_.next()) {
    log_info("Received {}: stopping{}", signal_name(*signal),
             stopping_ ? " at once" : " gracefully");
    feed(StopAsked{});
  }
  for (int id = 1; id <= plan_.shape.workers && !result_; ++id) {
    if (became_ready(worker(id))) {
      scoreboard_.worker(id).pid = worker(id).pid;
      feed(Ready{id});
    }
    if (!worker(id).process) continue;
    if (const auto status = worker(id).process->reap()) {
      bury(id, *status);
      feed(Exited{id, *status, worker(id).failure});
    }
  }
  if (!result_ && policy_.deadline() <= Clock::now()) feed(Tick{});
}

bool Prefork::became_ready(Worker& worker) {
  if (!worker.news) return false;
  std::array<char, PIPE_BUF> news{};
  const ssize_t size = ::read(worker.news.get(), news.data(), news.size());
  if (size >= 0) worker.news.reset();  // told, or never will
  if (size <= 0 || news[0] != kFailedNews) return size > 0;
  worker.failure.assign(news.data() + 1, static_cast<std::size_t>(size) - 1);
  if (worker.failure.ends_with('\n')) worker.failure.pop_back();
  return false;
}

/// Nobody may be measured against the connections of a dead worker.
void Prefork::bury(int id, const ExitStatus& status) {
  scoreboard_.worker(id).pid = 0;
  scoreboard_.worker(id).connections = 0;
  worker(id).process.reset();
  became_ready(worker(id));  // its last words may have come just now
  const bool as_told = status.success() || status.signal == SIGTERM ||
                       status.signal == SIGKILL || !worker(id).failure.empty();
  if (stopping_ && !as_told)
    log_warning("Worker {} [pid {}] ended with {} while stopping", id,
                worker(id).pid, to_string(status));
}

/// What an action brings about at once (a failed start) is fed as well.
void Prefork::feed(const Event& event) {
  events_.push_back(event);
  while (!events_.empty() && !result_) {
    const auto actions = policy_.on(events_.front(), Clock::now());
    events_.pop_front();
    for (const Action& action : actions)
      std::visit([this](const auto& a) { act(a); }, action);
  }
}

std::vector<InheritedDescriptor> Prefork::inheritance(
    const Descriptor& told) const {
  std::vector<InheritedDescriptor> inherited{
      {told.get(), kWorkerReadyFd}, {scoreboard_.fd(), kWorkerScoreboardFd}};
  int number = kWorkerListenerFd;
  for (const int fd : descriptors_of(listeners_))
    inherited.push_back({fd, number++});
  return inherited;
}

void Prefork::act(const Spawn& action) {
  Worker& worker = this->worker(action.id);
  worker.pid = 0;
  worker.failure.clear();
  try {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) < 0) throw_errno("pipe2");
    worker.news.reset(ends[0]);
    const Descriptor told{ends[1]};
    worker.process.emplace(ChildSpec{.argv = command_(action.id),
                                     .descriptors = inheritance(told),
                                     .death_signal = SIGTERM,
                                     .own_process_group = true});
    worker.pid = worker.process->pid();
  } catch (const std::system_error& error) {
    log_error("Worker {}: {}", action.id, error.what());
    events_.emplace_back(Exited{action.id, ExitStatus{127, 0}});
  }
}

void Prefork::act(const Kill& action) {
  // The workers take what is queued; later ones would wait for nobody.
  if (action.signal == SIGTERM && !std::exchange(stopping_, true))
    refuse_new_connections(listeners_);
  const Worker& killed = worker(action.id);
  if (!action.reason.empty())
    log_warning("Killing worker {} [pid {}]: {}", action.id, killed.pid,
                action.reason);
  if (killed.process) killed.process->signal(action.signal);
}

void Prefork::act(const Replace& action) {
  const std::string when = action.delay.count() == 0
                               ? ""
                               : fmt::format(" in {} ms", action.delay.count());
  const std::string& failure = worker(action.id).failure;
  log_warning("Worker {} [pid {}] died: {}{}{}; replacing it{}", action.id,
              worker(action.id).pid, to_string(action.status),
              failure.empty() ? "" : ": ", failure, when);
}

void Prefork::act(const Announce&) {
  announce_addresses(listeners_);
  std::vector<ReadyWorker> ready;
  for (int id = 1; id <= plan_.shape.workers; ++id)
    ready.push_back({id, worker(id).pid});
  if (!ready_fd_) return;
  const std::string line =
      ready_json(plan_.mode.name, listeners_, ready) + '\n';
  if (::write(ready_fd_.get(), line.data(), line.size()) !=
      static_cast<ssize_t>(line.size()))
    log_warning("The ready line could not be written: {}",
                std::generic_category().message(errno));
  ready_fd_.reset();
}

void Prefork::act(const Finish& action) { result_ = action.result; }

}  // namespace

ServeResult run_prefork(const ServePlan& plan, std::vector<Bound> listeners,
                        const WorkerCommand& command) {
  const auto own_command = [&plan, program = own_program()](int id) {
    return worker_argv(plan, program, id);
  };
  return Prefork(plan, std::move(listeners),
                 command ? command : WorkerCommand(own_command))
      .run();
}

}  // namespace launch
