#include "bench/during/during.hpp"

#include <future>

#include "bench/during/repetitions.hpp"

namespace launch::bench {
namespace {

// Until it is stopped.
constexpr milliseconds kEndless{24 * 3'600'000};

/// A load on a thread of its own.
class ObservedLoad {
 public:
  ObservedLoad(const Stage& stage, LoadPlan plan, LoadObserver& observer)
      : result_(std::async(std::launch::async, [&stage, &observer, this,
                                                plan = std::move(plan)] {
          return stage.load(plan, {{}, {}, &observer}, &stopped_);
        })) {}
  ~ObservedLoad() { stopped_ = true; }
  ObservedLoad(const ObservedLoad&) = delete;
  ObservedLoad& operator=(const ObservedLoad&) = delete;

  /// Sends no more requests and waits for the answers. Throws what the load
  /// threw.
  LoadResult finish() {
    stopped_ = true;
    return result_.get();
  }

 private:
  std::atomic<bool> stopped_{false};
  std::future<LoadResult> result_;  ///< the last: its end is the thread's
};

LoadPlan load_plan(const DuringPlan& plan, const LoadKind& kind,
                   const Target& server) {
  LoadPlan load;
  load.host = server.host();
  load.port = server.port();
  load.mix = {plan.request};
  load.connections = plan.connections;
  load.keep_alive = kind.keep_alive;
  load.pause = kind.pause;
  load.warmup = milliseconds{0};
  load.duration = kEndless;
  load.timeout = plan.timeout;
  load.drains = true;
  load.seed = plan.seed;
  return load;
}

class Run {
 public:
  Run(const Stage& stage, const DuringPlan& plan,
      const DuringProgress& progress, const std::atomic<bool>& cancelled)
      : stage_(stage), progress_(progress), cancelled_(cancelled) {
    report_.plan = plan;
    report_.machine = stage.machine;
  }

  DuringReport run() {
    for (const LoadKind& kind : plan().loads)
      for (const Contender& contender : plan().contenders)
        if (!cancelled_) run_one(contender, kind);
    report_.interrupted = cancelled_;
    return std::move(report_);
  }

 private:
  const DuringPlan& plan() const { return report_.plan; }
  Contender prepared(Contender contender, const LoadKind& kind) const;
  void run_one(const Contender& contender, const LoadKind& kind);
  DuringTrial trial(const Contender& contender, const LoadKind& kind,
                    std::unique_ptr<Target>& server);
  void repeat(Repetitions& repetitions, Timeline& timeline, DuringTrial& trial);
  void fail(Failure failure) {
    if (progress_.on_failure) progress_.on_failure(failure);
    report_.failures.push_back(std::move(failure));
  }

  const Stage& stage_;
  const DuringProgress& progress_;
  const std::atomic<bool>& cancelled_;
  DuringReport report_;
};

Contender Run::prepared(Contender contender, const LoadKind& kind) const {
  contender.port = stage_.free_port();
  const Event& event = plan().event;
  if (contender.foreign || event.flag.empty()) return contender;
  contender.argv.emplace_back(event.flag);
  contender.argv.push_back(event.flag_value.empty()
                               ? std::to_string(kind.requests_per_worker)
                               : std::string(event.flag_value));
  return contender;
}

void Run::run_one(const Contender& contender, const LoadKind& kind) {
  const Contender started = prepared(contender, kind);
  std::unique_ptr<Target> server;
  try {
    server = stage_.start(started, plan().start_limit);
  } catch (const StartError& error) {
    fail({contender.name, FailureKind::start, error.what()});
    return;
  }
  if (const auto problem = stage_.probe(server->host(), server->port(),
                                        plan().request, plan().timeout)) {
    fail({contender.name, FailureKind::answer, *problem});
    return;
  }
  DuringTrial finished = trial(started, kind, server);
  if (server)
    if (auto forced = server->stop()) finished.notes.push_back("it " + *forced);
  if (finished.times > 0 || !cancelled_)
    report_.trials.push_back(std::move(finished));
}

DuringTrial Run::trial(const Contender& contender, const LoadKind& kind,
                       std::unique_ptr<Target>& server) {
  DuringTrial trial;
  trial.contender = contender.name;
  trial.load = kind.name;
  Timeline timeline;
  Repetitions repetitions(stage_, plan(), contender, server, cancelled_);
  ObservedLoad load(stage_, load_plan(plan(), kind, *server), timeline);
  repeat(repetitions, timeline, trial);
  if (cancelled_) {
    timeline.cut(stage_.now());
    // Its requests in flight end with it.
    server.reset();
  } else {
    timeline.end(stage_.now());
  }
  trial.first_error = load.finish().first_error;
  trial.phases = timeline.records();
  trial.took_us = repetitions.took_us();
  trial.held = repetitions.held();
  trial.notes = repetitions.notes();
  trial.losses = account(
      plan().event.allowed, trial.lost(), trial.held,
      static_cast<std::uint64_t>(trial.times * kind.crossing_per_100 / 100));
  return trial;
}

void Run::repeat(Repetitions& repetitions, Timeline& timeline,
                 DuringTrial& trial) {
  const auto wait = [&](milliseconds time) {
    auto failed = repetitions.wait_until(stage_.now() + time);
    if (failed) fail(std::move(*failed));
    return !failed && !cancelled_;
  };
  if (!wait(plan().warmup)) return;
  timeline.begin(Phase::before, stage_.now());
  if (!wait(plan().around)) return;
  timeline.begin(Phase::during, stage_.now());
  while (trial.times < plan().times) {
    if (progress_.on_repetition)
      progress_.on_repetition(trial.contender, trial.load, trial.times,
                              plan().times);
    if (auto failed = repetitions.repeat(trial.times)) {
      fail(std::move(*failed));
      return;
    }
    if (cancelled_) return;
    ++trial.times;
  }
  timeline.begin(Phase::after, stage_.now());
  wait(plan().around);
}

}  // namespace

DuringReport run_during(const Stage& stage, const DuringPlan& plan,
                        const DuringProgress& progress,
                        const std::atomic<bool>& cancelled) {
  return Run(stage, plan, progress, cancelled).run();
}

}  // namespace launch::bench
