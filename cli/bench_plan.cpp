#include "cli/bench_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/validators.hpp"
#include "modes/mode.hpp"

namespace launch::cli {
namespace {

using bench::RequestKind;
using bench::Workload;

constexpr std::string_view kDemo = "demo";

RequestKind get(std::string target, double weight = 1.0) {
  RequestKind kind;
  kind.target = std::move(target);
  kind.weight = weight;
  return kind;
}

/// What the demo is measured under.
std::vector<Workload> demo_workloads() {
  return {
      {"plain", "GET /, which answers 13 bytes", {get("/")}, 64},
      {"cpu", "GET /cpu?us=200, which burns 200 µs", {get("/cpu?us=200")}, 64},
      {"block",
       "GET /block?ms=10, which waits 10 ms as for a database",
       {get("/block?ms=10")},
       64},
      {"mixed",
       "80 % plain, 10 % cpu and 10 % block requests",
       {get("/", 8), get("/cpu?us=200", 1), get("/block?ms=10", 1)},
       64},
  };
}

/// The two that --quick keeps: the engine's cost, and what blocking does.
constexpr std::array<std::string_view, 2> kQuick{"plain", "block"};

/// How long one trial of each kind of run takes, and how long all may take.
struct Pace {
  milliseconds warmup;
  milliseconds duration;
  milliseconds budget;  ///< for all rounds; bounds their default number
  int fewest_rounds;
  int most_rounds;
};
constexpr Pace kDefaultPace{milliseconds{200}, milliseconds{750},
                            milliseconds{104'000}, 3, 10};
constexpr Pace kQuickPace{milliseconds{150}, milliseconds{400},
                          milliseconds{19'000}, 3, 6};

/// Starting and stopping a contender, roughly.
constexpr milliseconds kTurnover{150};

std::vector<Workload> demo_selection(const BenchFlags& flags) {
  std::vector<std::string> wanted = flags.workloads;
  if (wanted.empty() && flags.quick)
    wanted.assign(kQuick.begin(), kQuick.end());
  std::vector<Workload> selection = demo_workloads();
  if (!wanted.empty())
    std::erase_if(selection, [&](const Workload& workload) {
      return std::find(wanted.begin(), wanted.end(), workload.name) ==
             wanted.end();
    });
  return selection;
}

std::vector<Workload> path_workloads(const std::vector<std::string>& paths) {
  std::vector<Workload> workloads;
  for (const std::string& path : paths) {
    if (path.empty() || path.front() != '/' ||
        path.find_first_of(" \t\r\n") != std::string::npos)
      throw UsageError(fmt::format(
          "--path \"{}\" is not a path: write it as in --path /orders", path));
    const bool repeated =
        std::any_of(workloads.begin(), workloads.end(),
                    [&](const Workload& w) { return w.name == path; });
    if (repeated)
      throw UsageError(fmt::format("--path {} is given twice", path));
    workloads.push_back({path, "GET " + path, {get(path)}, 64});
  }
  return workloads;
}

std::vector<Workload> workloads_of(const BenchFlags& flags) {
  if (!flags.paths.empty() && !flags.workloads.empty())
    throw UsageError(
        "--path and --workload exclude each other: --workload names requests "
        "to the demo, --path those to any app");
  if (!flags.paths.empty()) return path_workloads(flags.paths);
  if (flags.app == kDemo) return demo_selection(flags);
  if (!flags.workloads.empty())
    throw UsageError(fmt::format(
        "--workload is for the demo: name what to request of {} with --path, "
        "as in --path /orders",
        flags.app));
  throw UsageError(fmt::format(
      "say which path of {0} to measure, as in --path /orders (launch check "
      "{0} prints its routes)",
      flags.app));
}

/// As many rounds as fit the budget, within the bounds of the pace.
int rounds_that_fit(const Pace& pace, milliseconds trial, std::size_t starts,
                    std::size_t trials) {
  const milliseconds round =
      trial * static_cast<long>(trials) + kTurnover * static_cast<long>(starts);
  const auto fit = static_cast<int>(pace.budget / round);
  return std::clamp(fit, pace.fewest_rounds, pace.most_rounds);
}

}  // namespace

std::vector<std::string> workload_names() {
  std::vector<std::string> names;
  for (const Workload& workload : demo_workloads())
    names.push_back(workload.name);
  return names;
}

std::vector<bench::Contender> contenders(const std::string& self,
                                         const std::string& app, int cores) {
  struct Layout {
    std::string_view mode;
    Shape shape;
  };
  const std::array layouts{
      Layout{"single", {1, 1}},          Layout{"prefork", {cores, 1}},
      Layout{"thread-pool", {1, cores}}, Layout{"thread-pool", {1, 16}},
      Layout{"prefork", {cores, 8}},
  };
  std::vector<bench::Contender> result;
  for (const Layout& layout : layouts) {
    const Mode mode = find_mode(layout.mode).value();
    const auto [workers, threads] = layout.shape;
    bench::Contender contender;
    contender.name = fmt::format("{}-{}x{}", mode.name, workers, threads);
    contender.mode = mode.name;
    contender.workers = workers;
    contender.threads = threads;
    contender.argv = {self, app, "--mode", std::string{mode.name}};
    const auto add = [&](const char* flag, int value) {
      contender.argv.insert(contender.argv.end(),
                            {flag, std::to_string(value)});
    };
    if (mode.many_workers) add("--workers", workers);
    if (mode.many_threads) add("--threads", threads);
    contender.argv.insert(contender.argv.end(), {"--log-level", "warning"});
    const bool known = std::any_of(
        result.begin(), result.end(),
        [&](const auto& other) { return other.name == contender.name; });
    if (!known) result.push_back(std::move(contender));
  }
  return result;
}

bench::ComparisonPlan make_plan(const BenchFlags& flags,
                                const std::string& self, int cores,
                                std::uint64_t fresh_seed) {
  if (!flags.compare_all)
    throw UsageError(
        "say what to compare: launch bench --compare-all measures every mode");
  const Pace& pace = flags.quick ? kQuickPace : kDefaultPace;
  bench::ComparisonPlan plan;
  plan.app = flags.app;
  plan.contenders = contenders(self, flags.app, cores);
  plan.workloads = workloads_of(flags);
  for (Workload& workload : plan.workloads)
    workload.connections = flags.connections;
  plan.warmup =
      flags.warmup ? parse_duration("--warmup", *flags.warmup) : pace.warmup;
  plan.duration = flags.duration ? parse_duration("--duration", *flags.duration)
                                 : pace.duration;
  plan.timeout = parse_duration("--timeout", flags.timeout);
  plan.rounds = flags.rounds.value_or(
      rounds_that_fit(pace, plan.warmup + plan.duration, plan.contenders.size(),
                      plan.contenders.size() * plan.workloads.size()));
  plan.seed = flags.seed.value_or(fresh_seed);
  return plan;
}

}  // namespace launch::cli
