#include "modes/worker.hpp"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

#include "modes/engine/engine.hpp"
#include "modes/log.hpp"
#include "modes/stop_signals.hpp"
#include "modes/supervisor/stats_channel.hpp"

namespace launch {
namespace {

/// How long handlers get to notice that their connections were cut.
constexpr milliseconds kAfterCut{500};

/// The main thread of a worker: waits for signals and questions while the
/// engine's threads serve, so that a blocked handler never delays a stop.
class Control {
 public:
  Control(const WorkerPlan& plan, WorkerLinks& links, StopSignals& signals,
          Engine& engine)
      : plan_(plan),
        links_(links),
        signals_(signals),
        engine_(engine),
        stats_(std::move(links.stats)) {}

  /// Returns when the engine has finished: true if all that was in flight was
  /// answered, false if it had to be cut.
  bool run() {
    while (!finished_) {
      std::array<pollfd, 3> waits{pollfd{signals_.fd(), POLLIN, 0},
                                  pollfd{engine_.finished_fd(), POLLIN, 0},
                                  pollfd{stats_.poll_fd(), POLLIN, 0}};
      ::poll(waits.data(), waits.size(), patience());
      if (waits[0].revents != 0)
        while (const auto signal = signals_.next()) on_stop_signal();
      if (waits[1].revents != 0) finished_ = true;
      if (waits[2].revents != 0) stats_.answer(links_.scoreboard);
      if (deadline_ && Clock::now() >= *deadline_) on_deadline();
    }
    stats_.send(links_.scoreboard);
    return !cut_;
  }

 private:
  void on_stop_signal() {
    if (!deadline_) {
      log_info("Shutting down");
      // A supervisor decides for all of its workers.
      if (!links_.supervisor) refuse_new_connections(links_.listeners);
      engine_.stop();
      deadline_ = Clock::now() + plan_.graceful_timeout;
    } else {
      on_deadline();
    }
  }

  void on_deadline() {
    if (cut_) {
      finished_ = true;  // a handler does not return
      return;
    }
    cut_ = true;
    log_warning("{} connections were cut while they were being answered",
                engine_.open_connections());
    engine_.cut();
    deadline_ = Clock::now() + kAfterCut;
  }

  int patience() const {
    if (!deadline_) return -1;
    const auto left =
        std::chrono::ceil<milliseconds>(*deadline_ - Clock::now());
    return static_cast<int>(std::max(left, milliseconds{0}).count());
  }

  const WorkerPlan& plan_;
  WorkerLinks& links_;
  StopSignals& signals_;
  Engine& engine_;
  StatsChannel stats_;
  std::optional<Clock::time_point> deadline_;
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

void announce(const WorkerLinks& links) {
  log_info("Application startup complete.");
  if (links.supervisor && !write_all(links.supervisor.get(), {&kReadyNews, 1}))
    log_warning("The supervisor could not be told: {}",
                std::generic_category().message(errno));
  if (!links.supervisor) announce_addresses(links.listeners);
  if (links.ready && !write_all(links.ready.get(), links.ready_line + '\n'))
    log_warning("The ready line could not be written: {}",
                std::generic_category().message(errno));
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
                                WorkerLinks& links, StopSignals& signals) {
  const auto log = open_request_log(plan);
  Engine engine{app.server(),
                descriptors_of(links.listeners),
                links.scoreboard,
                {.threads = plan.shape.threads,
                 .worker_id = plan.id,
                 .log = log.get(),
                 .trusted = plan.trusted_peers,
                 .limits = plan.limits}};
  log_path(app, plan.id);
  app.server().set_stop_action([] { ::kill(::getpid(), SIGTERM); });
  engine.start();
  announce(links);
  links.ready.reset();

  const bool answered = Control{plan, links, signals, engine}.run();
  if (!answered && engine.open_connections() > 0) {
    // A handler holds its thread and will not let go: nothing can be torn down
    // under it, so the process ends here.
    log_warning("a handler did not return: ending without it");
    std::_Exit(EXIT_SUCCESS);
  }
  engine.join();
  return {};
}

}  // namespace

ServeResult run_worker(const WorkerPlan& plan, WorkerLinks links) {
  StopSignals signals;
  ::signal(SIGPIPE, SIG_IGN);
  log_info("Started server process [{}]", ::getpid());
  log_info("Waiting for application startup.");
  try {
    App app = load_app(plan.app);
    app.start({plan.id, plan.shape.workers, plan.shape.threads},
              crash_report(links));
    // A supervisor enters the pid itself, once it knows us ready.
    if (!links.supervisor) links.scoreboard.worker(plan.id).pid = ::getpid();
    ServeResult result = serve_until_stopped(app, plan, links, signals);
    app.stop();
    log_info("Finished server process [{}]", ::getpid());
    return result;
  } catch (const AppError& error) {
    if (tell_failure(links, error.what())) return {Outcome::app_failed, ""};
    return {Outcome::app_failed, error.what()};
  }
}

}  // namespace launch
