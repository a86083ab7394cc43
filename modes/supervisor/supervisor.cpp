// The loop of a supervisor: what it waits for, and what it makes of that. What
// the policy then says is done in supervisor_actions.cpp.

#include "modes/supervisor/supervisor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "modes/base/process_stats.hpp"
#include "modes/log.hpp"
#include "modes/process/strangers.hpp"
#include "modes/supervisor/oom_kills.hpp"

namespace launch {
namespace {

RestartRules rules_of(const ServePlan& plan) {
  RestartRules rules;
  rules.boot_timeout = plan.supervision.boot_timeout;
  rules.graceful_timeout = plan.graceful_timeout;
  rules.drain_delay = plan.drain_delay;
  rules.max_unavailable = plan.supervision.max_unavailable;
  rules.backoff = plan.supervision.backoff;
  rules.app_failed_exit_code = kAppFailedStatus;
  rules.starts_at_once = std::max(2, usable_cores());
  return rules;
}

/// How long an adopted process that has ended may wait to be reaped.
constexpr seconds kReapEvery{1};

const char* own_variable(const char* name) { return std::getenv(name); }

/// How often workers are looked at: often enough to find one that hangs within
/// a fraction of its time, and no more than that.
milliseconds look_every(const WatchRules& rules) {
  constexpr milliseconds kOften{50};
  constexpr milliseconds kSeldom{500};
  if (rules.hang_timeout.count() == 0) return kSeldom;
  return std::clamp(rules.hang_timeout / 8, kOften, kSeldom);
}

}  // namespace

Supervisor::Supervisor(const ServePlan& plan, std::vector<Bound> listeners,
                       WorkerCommand command,
                       const std::optional<Handover>& predecessor)
    : plan_(plan),
      listeners_(std::move(listeners)),
      command_(std::move(command)),
      ready_fd_(plan.ready_fd),
      ready_file_(plan.process.ready_file),
      systemd_(own_variable),
      stats_(Descriptor{predecessor ? predecessor->stats : plan.stats_fd}),
      scoreboard_(predecessor
                      ? Scoreboard::attach(Descriptor{predecessor->scoreboard})
                      : Scoreboard::create()),
      preloader_([this](int channel) { return template_start(channel); }),
      random_(std::random_device{}()),
      policy_(predecessor ? predecessor->workers : plan.shape.workers,
              rules_of(plan), static_cast<unsigned>(random_())),
      oom_kills_(oom_kills().value_or(0)),
      adopts_(adopts_orphans()),
      control_(open_control_plane(plan.control, predecessor.has_value())),
      announced_(predecessor.has_value()) {
  if (predecessor) take_over(*predecessor);
}

ServeResult Supervisor::run() {
  feed(Tick{});
  while (!result_) {
    wait();
    take_signals();
    take_clones();
    take_news();
    reap_adopted();
    take_requests();
    look_at_workers();
    systemd_.beat(Clock::now());
    if (upgrade_ && !result_) go_on_with_upgrade();
    if (!result_ && policy_.deadline() <= Clock::now()) feed(Tick{});
  }
  stats_.send(scoreboard_, policy_.workers());
  return *result_;
}

/// Until something is due, or until there is something to take.
void Supervisor::wait() {
  std::vector<pollfd> polled{{signals_.fd(), POLLIN, 0},
                             {stats_.poll_fd(), POLLIN, 0},
                             {upgrade_ ? upgrade_->pidfd() : -1, POLLIN, 0}};
  for (const auto& [seat, worker] : workers_) {
    polled.push_back({worker.news_fd(), POLLIN, 0});
    polled.push_back({worker.pidfd(), POLLIN, 0});
  }
  control_.add_to(polled);
  preloader_.add_to(polled);
  int timeout = -1;
  auto due = std::min({policy_.deadline(), next_look_, control_.deadline()});
  if (upgrade_) due = std::min(due, upgrade_->deadline());
  if (const auto beat = systemd_.next_watchdog()) due = std::min(due, *beat);
  if (adopts_) due = std::min(due, Clock::now() + kReapEvery);
  if (due != Clock::time_point::max()) {
    const auto left = std::chrono::ceil<milliseconds>(due - Clock::now());
    timeout = static_cast<int>(std::clamp<long>(left.count(), 0, INT_MAX));
  }
  if (::poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "poll");
  if (polled[1].revents != 0) stats_.answer(scoreboard_, policy_.workers());
  control_.serve(polled, [this] { return status(); });
}

void Supervisor::take_signals() {
  while (const auto number = signals_.next())
    if (!result_) on_signal(*number);
}

void Supervisor::on_signal(int number) {
  switch (signal_row(number).meaning) {
    case SignalMeaning::stop:
      return ask_to_stop(number, false);
    case SignalMeaning::quick_stop:
      return ask_to_stop(number, true);
    case SignalMeaning::reload:
      log_info("Received SIGHUP: reloading");
      return begin_reload();
    case SignalMeaning::add_worker:
      return ask_to_scale(policy_.workers() + 1);
    case SignalMeaning::remove_worker:
      return ask_to_scale(policy_.workers() - 1);
    case SignalMeaning::reopen_logs:
      return reopen_logs();
    case SignalMeaning::upgrade:
      return begin_upgrade();
    case SignalMeaning::stop_workers:
      return pause();
  }
}

void Supervisor::begin_reload() {
  if (policy_.stopping()) return;
  reload_began_ = Clock::now();
  systemd_.reloading();
  preloader_.drop_next();
  feed(ReloadAsked{});
}

void Supervisor::ask_to_stop(int number, bool quick) {
  const bool again = policy_.stopping();
  log_info("Received {}: stopping {}", signal_name(number),
           quick || again ? "at once" : "gracefully");
  if (!again) stop_signal_ = number;
  systemd_.stopping();
  feed(StopAsked{quick});
}

void Supervisor::ask_to_scale(int workers) {
  if (policy_.stopping()) return;
  const int possible = std::clamp(workers, 1, Scoreboard::kWorkers);
  if (possible == policy_.workers())
    log_info("{} workers it stays", possible);
  else
    log_info("Going from {} to {} workers", policy_.workers(), possible);
  feed(ScaleAsked{possible});
}

void Supervisor::reopen_logs() {
  log_info("Received SIGUSR1: the workers open the access log again");
  for (const auto& [seat, worker] : workers_)
    if (worker.ready != Clock::time_point{}) worker.signal(SIGUSR1);
}

/// A terminal sends this signal whenever its window changes.
void Supervisor::pause() {
  if (Descriptor{::open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)}) return;
  log_info("Received SIGWINCH: the workers leave, the socket stays open");
  feed(PauseAsked{});
}

void Supervisor::take_clones() {
  for (auto& made : preloader_.take()) {
    if (result_) return;
    if (made.worker) {
      workers_.emplace(made.seat, std::move(*made.worker))
          .first->second.generation = policy_.generation();
    } else {
      not_started(made.seat, made.status, made.reason);
      feed_untold();
    }
  }
}

void Supervisor::take_news() {
  std::vector<int> seats;
  for (const auto& [seat, worker] : workers_) seats.push_back(seat);
  for (const int seat : seats) {
    if (result_) return;
    WorkerProcess& worker = workers_.at(seat);
    if (worker.became_ready()) became_ready(seat, worker);
    if (const auto status = worker.reap()) bury(seat, *status);
  }
}

/// After the workers, so that none of them is in the way; and not while there
/// may be a child of ours that is known to somebody else only.
void Supervisor::reap_adopted() {
  if (!adopts_ || upgrade_ || policy_.starting()) return;
  std::vector<pid_t> own = preloader_.pids();
  for (const auto& [seat, worker] : workers_) own.push_back(worker.pid());
  reap_strangers(own);
}

void Supervisor::became_ready(int seat, WorkerProcess& worker) {
  worker.ready = Clock::now();
  worker.watch.emplace(plan_.supervision.watch, random_);
  if (plan_.supervision.watch.any())
    next_look_ = std::min(next_look_, worker.ready);
  scoreboard_.seat(seat).pid = worker.pid();
  feed(Ready{seat});
}

/// Nobody may be measured against the connections of a dead worker.
void Supervisor::bury(int seat, const ExitStatus& status) {
  WorkerProcess& worker = workers_.at(seat);
  worker.became_ready();  // its last words may have come just now
  const auto kills = oom_kills().value_or(0);
  const bool out_of_memory =
      status.signal == SIGKILL && std::exchange(oom_kills_, kills) < kills;
  const Seat& counts = scoreboard_.seat(seat);
  std::string& obituary = obituaries_[seat];
  obituary = fmt::format("[pid {}] died: {}", worker.pid(), to_string(status));
  if (out_of_memory) obituary += ", out of memory";
  if (!worker.failure().empty()) obituary += ": " + worker.failure();
  obituary += fmt::format(" (it lived {:.1f} s and answered {} requests",
                          to_seconds(Clock::now() - worker.started),
                          counts.requests.load());
  if (const auto request = counts.longest_request(); !request.empty())
    obituary += fmt::format(", at last it worked on \"{}\"", request);
  if (worker.pss) obituary += fmt::format(", PSS {} MiB", *worker.pss >> 20);
  obituary += ')';
  const bool as_told = status.success() || status.signal == SIGTERM ||
                       status.signal == SIGKILL || !worker.failure().empty();
  const int id = worker.id();
  const bool leaving = counts.pid.load() == 0;
  Exited exited{seat, status, worker.failure(), out_of_memory};
  scoreboard_.leave_seat(seat);
  workers_.erase(seat);
  feed(exited);
  const auto untold = obituaries_.extract(seat);
  if (!untold.empty() && !as_told)
    log_warning("Worker {} {}{}", id, untold.mapped(),
                leaving ? ", while it was leaving" : "");
}

void Supervisor::look_at_workers() {
  const auto now = Clock::now();
  if (now < next_look_ || result_) return;
  next_look_ = now + look_every(plan_.supervision.watch);
  std::vector<std::pair<int, Finding>> findings;
  for (auto& [seat, worker] : workers_)
    if (auto found = judge(seat, worker, now))
      findings.emplace_back(seat, std::move(*found));
  for (auto& [seat, found] : findings) {
    if (found.cause == RestartCause::hang)
      feed(Hung{seat, std::move(found.reason)});
    else
      feed(Worn{seat, found.cause});
  }
}

std::optional<Finding> Supervisor::judge(int seat, WorkerProcess& worker,
                                         Clock::time_point now) const {
  const Seat& counts = scoreboard_.seat(seat);
  if (counts.pid.load() == 0 || !worker.watch) return std::nullopt;
  if (plan_.supervision.watch.max_memory > 0)
    worker.pss = pss_bytes(worker.pid());
  const std::uint64_t beat = counts.beat.load();
  const std::uint64_t clock = coarse_ms();
  return worker.watch->judge(
      {.silent = milliseconds{beat == 0 || clock < beat ? 0 : clock - beat},
       .requests = counts.requests.load(),
       .served = std::chrono::duration_cast<milliseconds>(now - worker.ready),
       .memory = worker.pss,
       .request = counts.longest_request(),
       .one_thread = plan_.shape.threads == 1});
}

void Supervisor::feed(const Event& event) {
  events_.push_back(event);
  feed_untold();
}

/// What an action brings about at once (a failed start) is fed as well.
void Supervisor::feed_untold() {
  while (!events_.empty() && !result_) {
    const auto actions = policy_.on(events_.front(), Clock::now());
    events_.pop_front();
    for (const Action& action : actions)
      std::visit([this](const auto& a) { act(a); }, action);
  }
}

}  // namespace launch
