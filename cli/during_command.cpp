#include "cli/during_command.hpp"

#include <algorithm>
#include <atomic>
#include <random>

#include <fmt/format.h>

#include "bench/during/during.hpp"
#include "bench/report/during_report.hpp"
#include "cli/bench_output.hpp"
#include "cli/command.hpp"
#include "modes/app/app.hpp"
#include "modes/supervisor/worker_command.hpp"

namespace launch::cli {
namespace {

constexpr int kBarWidth = 20;

/// One line that changes on a terminal, one per contender and load elsewhere.
class Drawing {
 public:
  explicit Drawing(ProgressLine::Style style) : style_(style) {}
  ~Drawing() { clear(); }
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

  void repetition(const std::string& contender, const std::string& load,
                  int done, int total) {
    if (style_ == ProgressLine::Style::terminal) {
      fmt::print(stderr, "\r\x1b[K{} {}/{}  {}, {}",
                 progress_bar(done, total, kBarWidth), done, total, contender,
                 load);
      std::fflush(stderr);
      drawn_ = true;
    } else if (style_ == ProgressLine::Style::lines && done == 0) {
      fmt::print(stderr, "{}, {}: {} times\n", contender, load, total);
    }
  }

  void failure(const bench::Failure& failure) {
    clear();
    fmt::print(stderr, "launch: {}: {}\n", failure.contender, failure.reason);
  }

 private:
  void clear() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
    drawn_ = false;
  }

  ProgressLine::Style style_;
  bool drawn_ = false;
};

bench::DuringReport run_drawn(const bench::DuringPlan& plan, bool quiet) {
  const std::atomic<bool>& cancelled = cancel_on_signals();
  Drawing drawing{progress_style(quiet)};
  bench::DuringProgress progress;
  progress.on_repetition = [&](const std::string& contender,
                               const std::string& load, int done, int total) {
    drawing.repetition(contender, load, done, total);
  };
  progress.on_failure = [&](const bench::Failure& failure) {
    drawing.failure(failure);
  };
  return bench::run_during(bench::real_stage(), plan, progress, cancelled);
}

}  // namespace

ExitCode exit_code_of(const bench::DuringReport& report) {
  if (report.interrupted) return ExitCode::interrupted;
  if (report.lost_what_must_not_be_lost()) return ExitCode::requests_lost;
  const auto failed_at = [&](bench::FailureKind kind) {
    return std::any_of(
        report.failures.begin(), report.failures.end(),
        [&](const bench::Failure& failure) { return failure.kind == kind; });
  };
  if (failed_at(bench::FailureKind::start)) return ExitCode::app_failed;
  const bool answered = std::any_of(
      report.trials.begin(), report.trials.end(),
      [](const bench::DuringTrial& trial) { return trial.answered() > 0; });
  if (!answered || !report.failures.empty()) return ExitCode::failed;
  return ExitCode::ok;
}

ExitCode run_during(const BenchFlags& flags, const DuringFlags& during) {
  const bench::DuringPlan plan =
      make_during_plan(flags, during, own_program(), std::random_device{}());
  if (flags.app != "demo" && during.contenders.empty()) {
    // A wrong name is told once, not once per kind of load.
    probe_app(parse_app(flags.app));
  }
  ResultFile json{"--json", flags.json};
  const bench::DuringReport report = run_drawn(plan, flags.quiet);
  json.write(bench::to_json(report, LAUNCH_VERSION));
  print_result(
      bench::to_text(report, terminal_width(), wants_colour(flags.color)));
  return exit_code_of(report);
}

}  // namespace launch::cli
