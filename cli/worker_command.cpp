// `launch __worker ...`: what a supervisor starts, never a user.

#include <memory>

#include "cli/command.hpp"
#include "cli/limit_flags.hpp"
#include "cli/log_flags.hpp"
#include "modes/base/descriptor_limit.hpp"
#include "modes/log.hpp"
#include "modes/signals.hpp"
#include "modes/supervisor/worker_process.hpp"
#include "modes/template.hpp"
#include "modes/worker.hpp"

namespace launch::cli {
namespace {

struct WorkerFlags {
  std::string app;
  int id = 1;
  int seat = 1;
  bool is_template = false;
  Shape shape;
  int listeners = 1;
  long graceful_timeout_ms = 0;
  std::string log_level = "info";
  std::string accept;
  LogFlags log;
  LimitFlags limits;
};

std::vector<Bound> inherited_listeners(int count) {
  std::vector<Bound> listeners(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    listeners[static_cast<std::size_t>(i)].fd.reset(kWorkerListenerFd + i);
  return listeners;
}

ServeResult run(const WorkerFlags& flags) {
  set_log_level(find_log_level(flags.log_level).value_or(LogLevel::info));
  WorkerPlan plan;
  plan.app = parse_app(flags.app);
  plan.id = flags.id;
  plan.seat = flags.seat;
  plan.shape = flags.shape;
  plan.access_log = access_log_plan(flags.log);
  plan.trusted_peers = trusted_peers(flags.log, std::nullopt);
  plan.limits = parse_limits(flags.limits);
  plan.accept =
      find_accept_strategy(flags.accept).value_or(AcceptStrategy::shared);
  plan.graceful_timeout = milliseconds{flags.graceful_timeout_ms};
  raise_descriptor_limit();
  WorkerLinks links{
      .listeners = inherited_listeners(flags.listeners),
      .scoreboard = Scoreboard::attach(Descriptor{kWorkerScoreboardFd}),
      .supervisor = Descriptor{kWorkerReadyFd}};
  if (flags.is_template)
    return run_template(std::move(plan), std::move(links),
                        Descriptor{kTemplateChannelFd});
  return run_worker(plan, std::move(links));
}

}  // namespace

void add_worker_command(CLI::App& app, ExitCode& result) {
  auto flags = std::make_shared<WorkerFlags>();
  CLI::App& command = *app.add_subcommand("__worker")->group("");
  command.add_option("--app", flags->app)->required();
  command.add_option("--id", flags->id)->required();
  command.add_option("--seat", flags->seat)->required();
  command.add_flag("--template", flags->is_template);
  command.add_option("--workers", flags->shape.workers)->required();
  command.add_option("--threads", flags->shape.threads)->required();
  command.add_option("--listeners", flags->listeners)->required();
  command.add_option("--graceful-timeout-ms", flags->graceful_timeout_ms)
      ->required();
  command.add_option("--log-level", flags->log_level);
  command.add_option("--accept", flags->accept);
  add_log_flags(command, flags->log);
  for (std::size_t i = 0; i < kLimits.size(); ++i)
    command.add_option("--" + std::string(kLimits[i].name), flags->limits[i]);
  command.callback([flags, &result] {
    const ServeResult served = run(*flags);
    block_signals();
    result = report(served);
  });
}

}  // namespace launch::cli
