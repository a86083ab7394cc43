#include "cli/serve_flags.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/validators.hpp"
#include "modes/supervisor/handover.hpp"

namespace launch::cli {
namespace {

constexpr int kMostWorkers = 1024;
constexpr int kMostThreads = 4096;

std::string mode_help() {
  std::string text = "How to run the app:";
  for (const Mode& mode : kModes)
    text += fmt::format("\n  {}: {}", mode.name, mode.summary);
  return text;
}

/// "auto" is kAutoWorkers from here on, which cannot be typed.
CLI::Validator count_or_auto() {
  return {[](std::string& text) {
            if (text != "auto") return whole_number(1, kMostWorkers)(text);
            text = std::to_string(kAutoWorkers);
            return std::string{};
          },
          ""};
}

/// A count that the mode fixes at one may be stated, but not changed.
void refuse_flags_without_effect(const ServeFlags& flags, const Mode& mode) {
  const int workers = flags.workers.value_or(1);
  const std::string count =
      workers == kAutoWorkers ? "auto" : std::to_string(workers);
  const int threads = flags.threads.value_or(1);
  if (!mode.many_workers && workers != 1)
    throw UsageError(fmt::format(
        "--workers {0} has no effect in mode {1}, which is one process: use "
        "--mode prefork --workers {0}{2}",
        count, mode.name, mode.many_threads ? " --threads N" : ""));
  if (!mode.many_threads && threads > 1)
    throw UsageError(fmt::format(
        "--threads {0} has no effect in mode {1}, which has one thread: use "
        "--mode thread-pool --threads {0}",
        threads, mode.name));
}

/// A handler on the only thread holds up whoever could look at the clock.
void refuse_untimed_handlers(const ServePlan& plan) {
  constexpr Limit kTime = Limit::request_time;
  if (plan.shape.threads > 1 || !plan.limits[static_cast<std::size_t>(kTime)])
    return;
  throw UsageError(fmt::format(
      "--{} has no effect with one thread, in which a handler holds up "
      "everything else: use {}--threads 2 or more; a worker of prefork whose "
      "handler never returns is replaced after --hang-timeout",
      row_of(kTime).name, plan.mode.many_threads ? "" : "--mode thread-pool "));
}

/// `LAUNCH_WORKERS`, or `WEB_CONCURRENCY` as other servers read it.
std::optional<int> workers_from(const Environment& environment,
                                const Mode& mode,
                                std::vector<std::string>& remarks) {
  for (const char* const name : {"LAUNCH_WORKERS", "WEB_CONCURRENCY"}) {
    const auto text = environment(name);
    if (!text) continue;
    if (mode.many_workers) return parse_number(name, *text, 1, kMostWorkers);
    remarks.push_back(fmt::format(
        "{}={} is ignored: it counts the workers of mode prefork, and this is "
        "mode {}",
        name, *text, mode.name));
    return std::nullopt;
  }
  return std::nullopt;
}

void check_descriptor(std::string_view flag, int fd) {
  if (fd >= 0 && ::fcntl(fd, F_GETFD) < 0)
    throw UsageError(fmt::format(
        "{} {}: that descriptor is not open: open it in the shell, as in "
        "{} 3 3>ready.json",
        flag, fd, flag));
}

}  // namespace

void add_serve_flags(CLI::App& app, ServeFlags& flags) {
  app.add_option("APP", flags.app,
                 "The application: demo, or PATH.so[:symbol], a library with "
                 "LAUNCH_APP(function)")
      ->option_text("[demo]");
  app.add_option("--mode", flags.mode, mode_help())
      ->check(one_of("mode", names_of(kModes)))
      ->envname("LAUNCH_MODE")
      ->option_text("MODE [single]");
  app.add_option(
         "--workers", flags.workers,
         "Worker processes of prefork, as in --workers 3; auto: one per "
         "usable core, as far as the memory limit allows")
      ->transform(count_or_auto())
      ->option_text("N|auto [auto]");
  app.add_option("--threads", flags.threads,
                 "Handler threads in each process, as in --threads 16; "
                 "default: the larger of 16 and 4 per core in thread-pool, 1 "
                 "in prefork")
      ->check(whole_number(1, kMostThreads))
      ->option_text("T");
  add_bind_flags(app, flags.bind);
  add_control_flags(app, flags.control);
  app.add_option("--log-level", flags.log_level,
                 "debug, info, warning or error")
      ->check(one_of("log level", {"debug", "info", "warning", "error"}))
      ->envname("LAUNCH_LOG_LEVEL")
      ->option_text("LEVEL [info]");
  add_log_flags(app, flags.log);
  add_process_flags(app, flags.process);
  app.add_option("--graceful-timeout", flags.graceful_timeout,
                 "After a stop is asked, how long requests in flight may take, "
                 "as in --graceful-timeout 500ms")
      ->option_text("TIME [30s]");
  app.add_option("--drain-delay", flags.drain_delay,
                 "After a stop is asked, how long it goes on serving while "
                 "balancers notice, as in --drain-delay 5s")
      ->envname("LAUNCH_DRAIN_DELAY")
      ->option_text("TIME [none]");
  app.add_option("--ready-fd", flags.ready_fd,
                 "Descriptor that gets one JSON line when all workers are "
                 "ready, as in --ready-fd 3 3>ready.json")
      ->check(whole_number(0, 1'000'000))
      ->option_text("FD");
  app.add_option("--stats-fd", flags.stats_fd,
                 "Stream socket that gets one JSON line of requests and "
                 "connections per worker for each byte sent to it, and one at "
                 "the end; default: none")
      ->check(whole_number(0, 1'000'000))
      ->option_text("FD");
  add_supervision_flags(app, flags.supervision);
  add_limit_flags(app, flags.limits);
}

ResolvedFlags resolve(const ServeFlags& flags, const Environment& environment,
                      const MachineFigures& machine) {
  ResolvedFlags resolved;
  ServePlan& plan = resolved.plan;
  plan.app = parse_app(flags.app);
  plan.mode = find_mode(flags.mode).value();
  refuse_flags_without_effect(flags, plan.mode);
  plan.shape = default_shape(plan.mode, machine.cores());
  std::optional<int> workers = flags.workers;
  if (!workers)
    workers = workers_from(environment, plan.mode, resolved.remarks);
  if (workers.value_or(kAutoWorkers) != kAutoWorkers) {
    plan.shape.workers = *workers;
  } else if (plan.mode.many_workers) {
    const WorkerCount count = auto_workers(machine);
    plan.shape.workers = count.workers;
    resolved.remarks.push_back(count.reason);
  }
  if (flags.threads) plan.shape.threads = *flags.threads;
  plan.warnings = shape_warnings(plan.mode, plan.shape, machine);

  resolve_binds(flags.bind, environment, plan, resolved.remarks);
  plan.control = control_plan(flags.control, environment, ::getpid());
  plan.log_level = find_log_level(flags.log_level).value();
  plan.access_log = access_log_plan(flags.log);
  plan.process = process_plan(flags.process);
  plan.trusted_peers =
      trusted_peers(flags.log, environment("FORWARDED_ALLOW_IPS"));
  plan.graceful_timeout =
      parse_duration("--graceful-timeout", flags.graceful_timeout);
  if (!flags.drain_delay.empty())
    plan.drain_delay = parse_duration("--drain-delay", flags.drain_delay);
  plan.supervision = parse_supervision(flags.supervision, plan.mode);
  plan.limits = parse_limits(flags.limits);
  refuse_untimed_handlers(plan);
  if (!environment(kHandoverVariable)) {  // else they are handed over
    check_descriptor("--ready-fd", flags.ready_fd);
    check_descriptor("--stats-fd", flags.stats_fd);
  }
  plan.ready_fd = flags.ready_fd;
  plan.stats_fd = flags.stats_fd;
  return resolved;
}

}  // namespace launch::cli
