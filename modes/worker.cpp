#include "modes/worker.hpp"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include "modes/base/child_process.hpp"
#include "modes/base/process_stats.hpp"
#include "modes/control/collect.hpp"
#include "modes/engine/engine.hpp"
#include "modes/log.hpp"
#include "modes/signals.hpp"
#include "modes/stack_dump.hpp"
#include "modes/supervisor/stats_channel.hpp"

namespace launch {
namespace {

/// How long handlers get to notice that their connections were cut.
constexpr milliseconds kAfterCut{500};

/// The main thread of a worker: waits for signals and questions while the
/// engine's threads serve, so that a blocked handler never delays a stop.
class Control {
 public:
  Control(const WorkerPlan& plan, WorkerLinks& links, Signals& signals,
          Engine& engine, RequestLog* log)
      : plan_(plan),
        links_(links),
        signals_(signals),
        engine_(engine),
        log_(log),
        stats_(std::move(links.stats)) {}

  /// Returns when the engine has finished: true if all that was in flight was
  /// answered, false if it had to be cut.
  bool run() {
    while (!finished_) {
      std::vector<pollfd> waits{{signals_.fd(), POLLIN, 0},
                                {engine_.finished_fd(), POLLIN, 0},
                                {stats_.poll_fd(), POLLIN, 0}};
      if (links_.control != nullptr) links_.control->add_to(waits);
      ::poll(waits.data(), waits.size(), patience());
      if (waits[0].revents != 0)
        while (const auto number = signals_.next()) on_signal(*number);
      if (waits[1].revents != 0) finished_ = true;
      if (waits[2].revents != 0) stats_.answer(links_.scoreboard, 1);
      if (links_.control != nullptr) serve_control(waits);
      if (deadline_ && Clock::now() >= *deadline_) on_deadline();
      links_.systemd.beat(Clock::now());
    }
    stats_.send(links_.scoreboard, 1);
    return !cut_;
  }

 private:
  /// How far the end has come; each stage ends at `deadline_`.
  enum class Stage { serving, draining, stopping, cut };

  void on_signal(int number) {
    const SignalRow& row = signal_row(number);
    switch (row.meaning) {
      case SignalMeaning::stop:
        idle_ = number == SIGINT ? Engine::Idle::close : Engine::Idle::drain;
        return stage_ == Stage::serving ? begin_to_stop() : on_deadline();
      case SignalMeaning::quick_stop:
        if (stage_ < Stage::stopping) stop();
        return on_deadline();
      case SignalMeaning::reopen_logs:
        if (log_ != nullptr) log_->reopen();
        return;
      case SignalMeaning::upgrade:
        return links_.supervisor ? dump_stacks() : refuse(row);
      case SignalMeaning::reload:
      case SignalMeaning::add_worker:
      case SignalMeaning::remove_worker:
        if (!links_.supervisor) refuse(row);
        return;
      case SignalMeaning::stop_workers:
        return;
    }
  }

  void serve_control(std::span<const pollfd> waits) {
    links_.control->serve(waits, [this] { return status(); });
    for (const ControlRequest& request : links_.control->take()) {
      const bool stops = request.kind == ControlKind::stop;
      links_.control->reply(
          request.ticket, stops,
          stops
              ? "stopping"
              : fmt::format("{} needs a supervisor: start with --mode prefork",
                            name_of(request.kind)));
      if (stops && stage_ == Stage::serving) begin_to_stop();
    }
  }

  ServiceStatus status() const {
    ServiceStatus status = links_.service;
    const bool serves = stage_ == Stage::serving;
    status.state = serves ? "ready" : "stopping";
    status.ready = serves;
    status.uptime_s = to_seconds(Clock::now() - began_);
    WorkerStatus worker{.id = plan_.id,
                        .pid = status.pid,
                        .state = serves ? "ready" : "leaving",
                        .uptime_s = status.uptime_s,
                        .generation = status.generation,
                        .threads = plan_.shape.threads};
    add_seat(links_.scoreboard.seat(plan_.seat), worker, status.latency);
    worker.pss_bytes = pss_bytes(worker.pid);
    status.workers.push_back(std::move(worker));
    status.listeners = listener_statuses(links_.listeners);
    status.listen_overflows = overflows_.now();
    return status;
  }

  static void refuse(const SignalRow& row) {
    log_warning(
        "Received {}, which needs a supervisor: {} there; start with --mode "
        "prefork (with --workers 1 --threads N it is one process of N threads)",
        signal_name(row.number), row.supervisor);
  }

  void begin_to_stop() {
    if (plan_.drain_delay.count() == 0) return stop();
    log_info("Serving for another {} ms, for balancers to notice",
             plan_.drain_delay.count());
    links_.systemd.stopping();
    stage_ = Stage::draining;
    deadline_ = Clock::now() + plan_.drain_delay;
  }

  void stop() {
    log_info("Shutting down");
    links_.systemd.stopping();
    // A supervisor decides for all of its workers.
    if (!links_.supervisor) refuse_new_connections(links_.listeners);
    engine_.stop(idle_);
    stage_ = Stage::stopping;
    deadline_ = Clock::now() + plan_.graceful_timeout;
  }

  void on_deadline() {
    if (stage_ == Stage::draining) return stop();
    if (cut_) {
      finished_ = true;  // a handler does not return
      return;
    }
    cut_ = true;
    stage_ = Stage::cut;
    if (const auto open = engine_.open_connections(); open > 0)
      log_warning(
          "{} connections were cut while they were open or being "
          "answered",
          open);
    engine_.cut();
    deadline_ = Clock::now() + kAfterCut;
  }

  int patience() const {
    constexpr auto kNever = Clock::time_point::max();
    auto due = std::min(deadline_.value_or(kNever),
                        links_.systemd.next_watchdog().value_or(kNever));
    if (links_.control != nullptr)
      due = std::min(due, links_.control->deadline());
    if (due == kNever) return -1;
    const auto left = std::chrono::ceil<milliseconds>(due - Clock::now());
    return static_cast<int>(std::max(left, milliseconds{0}).count());
  }

  const WorkerPlan& plan_;
  WorkerLinks& links_;
  Signals& signals_;
  Engine& engine_;
  RequestLog* log_;
  StatsChannel stats_;
  std::optional<Clock::time_point> deadline_;
  Stage stage_ = Stage::serving;
  Engine::Idle idle_ = Engine::Idle::drain;
  Clock::time_point began_ = Clock::now();
  OverflowCount overflows_;
  bool cut_ = false;
  bool finished_ = false;
};

void log_path(const App& app, int worker_id) {
  const auto what = app.server().unrecorded();
  if (what && worker_id == 1)
    log_info(
        "{}: every request takes the compatible path, which costs more; to "
        "take the fast one, register it through launch::Server&",
        *what);
}

/// Short enough for a pipe to take it in one piece.
bool write_all(int fd, std::string_view text) {
  return ::write(fd, text.data(), text.size()) ==
         static_cast<ssize_t>(text.size());
}

void announce(WorkerLinks& links) {
  log_info("Application startup complete.");
  if (links.supervisor && !write_all(links.supervisor.get(), {&kReadyNews, 1}))
    log_warning("The supervisor could not be told: {}",
                std::generic_category().message(errno));
  if (!links.supervisor) announce_addresses(links.listeners);
  if (links.ready && !write_all(links.ready.get(), links.ready_line + '\n'))
    log_warning("The ready line could not be written: {}",
                std::generic_category().message(errno));
  try {
    if (links.ready_file.wanted())
      links.ready_file.write(links.ready_line + '\n');
  } catch (const std::system_error& error) {
    log_warning("The ready file {}", error.what());
  }
  links.systemd.notify_ready("serving");
}

// Of several workers that fail alike, the supervisor tells once why.

CrashReport crash_report(const WorkerLinks& links) {
  if (!links.supervisor) return {kAppFailedStatus};
  return {kAppFailedStatus, links.supervisor.get(), {kFailedNews}};
}

bool tell_failure(const WorkerLinks& links, std::string_view sentence) {
  return links.supervisor &&
         write_all(links.supervisor.get(),
                   fmt::format("{}{}\n", kFailedNews, sentence));
}

/// None when it cannot be opened: it could be before the first worker started,
/// and a log is no reason not to serve.
std::unique_ptr<RequestLog> open_request_log(const WorkerPlan& plan) {
  if (!plan.access_log.on) return nullptr;
  try {
    return std::make_unique<RequestLog>(plan.access_log, plan.trusted_peers,
                                        plan.id);
  } catch (const std::system_error& error) {
    log_warning("Serving without an access log: {}", error.what());
    return nullptr;
  }
}

ServeResult serve_until_stopped(App& app, const WorkerPlan& plan,
                                WorkerLinks& links, Signals& signals) {
  const auto log = open_request_log(plan);
  Engine engine{app.server(),
                descriptors_of(links.listeners),
                links.scoreboard,
                {.threads = plan.shape.threads,
                 .seat = plan.seat,
                 .log = log.get(),
                 .trusted = plan.trusted_peers,
                 .limits = plan.limits,
                 .accept = plan.accept}};
  log_path(app, plan.id);
  app.server().set_stop_action([] { ::kill(::getpid(), SIGTERM); });
  engine.start();
  announce(links);
  links.ready.reset();

  const bool answered = Control{plan, links, signals, engine, log.get()}.run();
  if (!answered && engine.open_connections() > 0) {
    // A handler holds its thread and will not let go: nothing can be torn down
    // under it, so the process ends here.
    log_warning("a handler did not return: ending without it");
    std::_Exit(EXIT_SUCCESS);
  }
  engine.join();
  return {};
}

template <typename Load>
ServeResult run(const WorkerPlan& plan, WorkerLinks& links, const Load& load) {
  Signals signals;
  ::signal(SIGPIPE, SIG_IGN);
  prepare_stack_dumps();
  log_info("Started server process [{}]", ::getpid());
  log_info("Waiting for application startup.");
  try {
    App app = load();
    app.start({plan.id, plan.shape.workers, plan.shape.threads},
              crash_report(links));
    if (!links.supervisor) {  // which would do that itself
      links.scoreboard.take_seat(plan.seat, plan.id);
      links.scoreboard.seat(plan.seat).pid = ::getpid();
    }
    ServeResult result = serve_until_stopped(app, plan, links, signals);
    app.stop();
    log_info("Finished server process [{}]", ::getpid());
    return result;
  } catch (const AppError& error) {
    if (tell_failure(links, error.what())) return {Outcome::app_failed, ""};
    return {Outcome::app_failed, error.what()};
  }
}

}  // namespace

ServeResult run_worker(const WorkerPlan& plan, WorkerLinks links) {
  return run(plan, links, [&plan] { return load_app(plan.app); });
}

ServeResult run_worker(const WorkerPlan& plan, WorkerLinks links, App app) {
  return run(plan, links, [&app] { return std::move(app); });
}

}  // namespace launch
