#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/load.hpp"

namespace launch::bench {

/// One thing under comparison: a name and the argv that starts it. The argv
/// must understand `--ready-fd N` and `--stats-fd N`, as `launch` does; they
/// are appended when it is started. That of a foreign one is any server's, told
/// where to listen by {host} and {port}: it is ready when it answers.
struct Contender {
  std::string name;  ///< "prefork-2x1"
  std::string mode;
  int workers = 1;
  int threads = 1;
  std::vector<std::string> argv;
  bool foreign = false;
  std::uint16_t port = 0;  ///< to listen on; 0: any, which a foreign one lacks
};

/// A request mix and how it is offered (closed loop).
struct Workload {
  std::string name;     ///< "plain"
  std::string summary;  ///< "GET /: a 13-byte answer"
  std::vector<RequestKind> mix;
  int connections = 64;
};

/// What was asked for, all of it in the JSON's `config`.
struct ComparisonPlan {
  std::string app;  ///< as the user named it
  std::vector<Contender> contenders;
  std::vector<Workload> workloads;
  int rounds = 5;
  milliseconds warmup{250};
  milliseconds duration{800};
  milliseconds timeout{10'000};
  std::uint64_t seed = 1;
  milliseconds start_limit{30'000};  ///< start -> ready
};

/// Percentiles in microseconds; nothing where there are too few samples.
struct Percentiles {
  std::optional<double> p50, p90, p95, p99, p99_9;
  std::optional<double> max;
};

struct WorkerShare {
  int id = 1;
  int pid = 0;
  std::uint64_t requests = 0;    ///< answered in the trial's interval
  std::int64_t connections = 0;  ///< open at its end
};

/// What kept the throughput from being higher.
enum class Bound { server, generator, both, neither };
std::string_view to_string(Bound bound);

/// One contender under one workload for one measured interval.
struct Trial {
  std::string contender;
  std::string workload;
  int round = 1;
  LoadResult load;
  double server_cpu_s = 0;  ///< user + system, all processes, in the interval
  std::uint64_t pss_bytes = 0;  ///< all processes, at the end; 0: unknown
  double startup_ms = 0;        ///< start -> ready, of this round's start
  std::vector<WorkerShare> workers;
  Bound bound = Bound::neither;
  double steal_share = 0;  ///< of all cores' time, taken by the host
  /// Of all cores' time, used by processes that were not measured.
  double other_cpu_share = 0;

  /// 0 without a good answer.
  double server_cpu_us_per_request() const;
  double generator_cpu_share() const;        ///< of one core
  double generator_run_delay_share() const;  ///< runnable, but not running
};

/// At which step a contender failed.
enum class FailureKind {
  start,   ///< it could not be started
  answer,  ///< its first answers were errors
  death,   ///< it ended while it was measured
  event,   ///< what was done to it did not come to its end
};
std::string_view to_string(FailureKind kind);

/// A contender that could not be started or gave no answer; the others are
/// compared nevertheless.
struct Failure {
  std::string contender;
  FailureKind kind = FailureKind::start;
  std::string reason;  ///< one sentence
};

/// The machine as far as it explains the numbers.
struct Machine {
  std::string cpu_model;
  int cores = 1;  ///< usable
  std::string kernel;
  std::uint64_t memory_bytes = 0;
  double load_average = 0;  ///< one minute, before the first trial
};

/// A value and its confidence interval (95 % unless said otherwise); no bounds
/// where one round, or a round without an answer, leaves them unknown.
struct Estimate {
  double estimate = 0;
  std::optional<double> low = std::nullopt;
  std::optional<double> high = std::nullopt;
};

/// What one worker did per trial, as the mean of the rounds.
struct WorkerMean {
  int id = 1;
  double requests = 0;     ///< answered in an interval
  double connections = 0;  ///< open at its end
};

/// One contender under one workload over all rounds.
struct Summary {
  std::string contender;
  std::string workload;
  int rounds = 0;  ///< trials it stands on
  Estimate requests_per_second;
  Estimate server_cpu_us_per_request;
  Percentiles response_time_us;  ///< of the rounds' merged histograms
  LoadErrors errors;             ///< of all rounds
  std::uint64_t pss_bytes = 0;   ///< median of the rounds
  double startup_ms = 0;         ///< median of the rounds
  /// Share of the time that its handler threads (or the cores, where there
  /// are fewer) burnt CPU: near 1, the CPU is the limit; near 0, they wait.
  double busy_share = 0;
  /// Requests of the busiest worker / mean, median of the rounds: 1 is even, 0
  /// unknown (the server gave no counts).
  double busiest_worker_share = 0;
  std::vector<WorkerMean> workers;
  double generator_cpu_share = 0;        ///< of one core, mean of the rounds
  double generator_run_delay_share = 0;  ///< mean of the rounds
  Bound bound = Bound::neither;          ///< of most rounds
};

/// better: the winner leads every other one beyond doubt; no_clear_winner:
/// some other one may be as good; invalid: the generator was the limit or
/// nothing was measured.
enum class VerdictOutcome { better, no_clear_winner, invalid };
std::string_view to_string(VerdictOutcome outcome);

struct Verdict {
  std::string workload;  ///< "overall" for the one over all workloads
  std::string objective = "requests_per_second";
  VerdictOutcome outcome = VerdictOutcome::invalid;
  std::string winner;             ///< the recommended one, tie or not; or empty
  std::string compared_to;        ///< what `factor` is relative to; or empty
  Estimate factor;                ///< winner / compared_to, 95 % interval
  std::vector<std::string> ties;  ///< not told apart from the winner
  std::string reason;             ///< one sentence from the measurements
};

/// Everything that a comparison found; text and JSON are made from it.
struct Comparison {
  ComparisonPlan plan;
  Machine machine;
  std::vector<Trial> trials;
  std::vector<Summary> summary;
  std::vector<Verdict> verdicts;
  std::vector<Failure> failures;
  std::vector<std::string> warnings;  ///< what disturbed the measurement
  bool interrupted = false;
};

}  // namespace launch::bench
