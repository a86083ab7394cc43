// `launch bench [APP] --compare-all ...`: measures and recommends. With
// --during it is the command of during_command.hpp.

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>

#include "bench/report/report.hpp"
#include "cli/bench_output.hpp"
#include "cli/bench_plan.hpp"
#include "cli/command.hpp"
#include "cli/during_command.hpp"
#include "cli/progress.hpp"
#include "cli/serve_flags.hpp"
#include "cli/validators.hpp"
#include "modes/base/process_stats.hpp"
#include "modes/supervisor/worker_command.hpp"

namespace launch::cli {
namespace {

ExitCode exit_code_of(const bench::Comparison& comparison) {
  if (comparison.interrupted) return ExitCode::interrupted;
  const bool answered =
      std::any_of(comparison.trials.begin(), comparison.trials.end(),
                  [](const auto& trial) { return trial.load.requests > 0; });
  const bool unstarted =
      std::any_of(comparison.failures.begin(), comparison.failures.end(),
                  [](const auto& failure) {
                    return failure.kind == bench::FailureKind::start;
                  });
  if (unstarted) return ExitCode::app_failed;
  if (!answered || !comparison.failures.empty()) return ExitCode::failed;
  return ExitCode::ok;
}

ExitCode run(const BenchFlags& flags) {
  const bench::ComparisonPlan plan =
      make_plan(flags, own_program(), usable_cores(), std::random_device{}());
  if (flags.app != "demo") {
    // A wrong name is told once, not once per contender.
    probe_app(parse_app(flags.app));
  }
  ResultFile json{"--json", flags.json};
  const std::atomic<bool>& cancelled = cancel_on_signals();
  bench::Comparison comparison;
  {
    ProgressLine progress{progress_style(flags.quiet), plan.rounds};
    comparison = bench::compare(plan, progress, cancelled);
  }
  json.write(bench::to_json(comparison, LAUNCH_VERSION));
  print_result(
      bench::to_text(comparison, terminal_width(), wants_colour(flags.color)));
  return exit_code_of(comparison);
}

void add_subject_flags(CLI::App& command, BenchFlags& flags) {
  command
      .add_option("APP", flags.app,
                  "The application: demo, or PATH.so[:symbol]")
      ->option_text("[demo]");
  command.add_flag("--compare-all", flags.compare_all,
                   "Measure single, prefork and thread-pool in their usual "
                   "sizes and recommend one");
  command.add_flag("--quick", flags.quick,
                   "Two workloads and short trials: under 25 s, wider "
                   "intervals");
  command
      .add_option("--path", flags.paths,
                  "A path to request; each is a workload of its own, as in "
                  "--path /orders --path /orders/1")
      ->option_text("PATH ...")
      ->allow_extra_args(false);
  command
      .add_option("--workload", flags.workloads,
                  "Only this workload of the demo: plain, cpu, block or "
                  "mixed, as in --workload block --workload cpu; default: "
                  "all")
      ->check(one_of("workload", workload_names()))
      ->option_text("NAME ...")
      ->allow_extra_args(false);
}

void add_load_flags(CLI::App& command, BenchFlags& flags) {
  command
      .add_option("-c,--connections", flags.connections,
                  "Keep-alive connections that send as fast as answers "
                  "come, as in -c 128")
      ->check(whole_number(1, 10'000))
      ->option_text("N [64]");
  command
      .add_option("--rounds", flags.rounds,
                  "Rounds, each with every contender started afresh, as in "
                  "--rounds 8; default: as many as fit into 110 s (10 at "
                  "most), with --quick 20 s")
      ->check(whole_number(1, 1000))
      ->option_text("N");
  command
      .add_option("-d,--duration", flags.duration,
                  "Measured interval of a trial, as in -d 2s; default: "
                  "750ms, with --quick 400ms")
      ->option_text("TIME");
  command
      .add_option("--warmup", flags.warmup,
                  "Load before the interval, as in --warmup 1s; default: "
                  "200ms, with --quick 150ms")
      ->option_text("TIME");
  command
      .add_option("-t,--timeout", flags.timeout,
                  "A request without its answer after this time is an "
                  "error, as in -t 2s")
      ->option_text("TIME [10s]");
  command
      .add_option("--seed", flags.seed,
                  "Of the order of contenders and requests, as in --seed "
                  "42; default: a new one, which is printed")
      ->option_text("N");
}

void add_output_flags(CLI::App& command, BenchFlags& flags) {
  command
      .add_option("--json", flags.json,
                  "Write everything measured to a file, as in --json "
                  "out.json; docs/output.md names the fields")
      ->option_text("FILE");
  command
      .add_option("--color", flags.color,
                  "auto (a terminal, without NO_COLOR), always or never")
      ->check(one_of("choice", {"auto", "always", "never"}))
      ->option_text("WHEN [auto]");
  command.add_flag("-q,--quiet", flags.quiet, "Show no progress");
}

}  // namespace

void add_bench_command(CLI::App& app, ExitCode& result) {
  auto flags = std::make_shared<BenchFlags>();
  auto during = std::make_shared<DuringFlags>();
  CLI::App& command = *app.add_subcommand(
      "bench",
      "Measure an app in every mode, and recommend one; or count what is lost "
      "while servers are reloaded, killed or stopped");
  add_subject_flags(command, *flags);
  add_load_flags(command, *flags);
  add_output_flags(command, *flags);
  add_during_flags(command, *during);
  command.footer(exit_code_help());
  command.callback([flags, during, &result] {
    if (!during->event.empty()) {
      result = run_during(*flags, *during);
      return;
    }
    refuse_during_flags(*during);
    result = run(*flags);
  });
}

}  // namespace launch::cli
