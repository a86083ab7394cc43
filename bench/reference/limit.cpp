// Measures against the limit, in turn and in one run, so that what the machine
// does to one it does to the other: servers with the bare server, or our load
// generator with wrk. See kLimitUsage.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/reference/blocked.hpp"
#include "bench/reference/limit_generator.hpp"
#include "bench/reference/limit_options.hpp"
#include "bench/reference/measured_server.hpp"
#include "bench/reference/server_trial.hpp"
#include "bench/stats/statistics.hpp"

namespace launch::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The figures of a contender in a round, as printed. Those that end in ":x"
/// are relative to the first contender in the same round.
struct Column {
  const char* name;
  int decimals;
};
constexpr std::array kColumns = {
    Column{"us/req", 2},   Column{"bare", 2},    Column{"ratio", 2},
    Column{"added-us", 2}, Column{"req/s", 0},   Column{"us:x", 3},
    Column{"bare:x", 3},   Column{"req/s:x", 3}, Column{"generator", 2},
    Column{"B/idle", 0},
};
using Figures = std::array<double, kColumns.size()>;

/// A contender's trial and, where there is one, that of the bare server.
struct Pair {
  ServerTrial own;
  double bare_us = kNone;
};

Figures figures_of(const Pair& pair, const Pair& first,
                   const LimitWorkload& given) {
  return {pair.own.cpu_us,
          pair.bare_us,
          pair.own.cpu_us / pair.bare_us,
          pair.own.cpu_us - pair.bare_us,
          pair.own.requests_per_second,
          pair.own.cpu_us / first.own.cpu_us,
          pair.bare_us / first.bare_us,
          pair.own.requests_per_second / first.own.requests_per_second,
          pair.own.generator_share,
          given.idle > 0 ? pair.own.idle_bytes : kNone};
}

void print_row(const std::string& label, const std::string& name,
               const Figures& figures) {
  std::string row = fmt::format("{:>8}  {:<24}", label, name);
  for (std::size_t i = 0; i < kColumns.size(); ++i)
    row += std::isnan(figures[i])
               ? fmt::format("{:>10}", "-")
               : fmt::format("{:>10.{}f}", figures[i], kColumns[i].decimals);
  fmt::print("{}\n", row);
  std::fflush(stdout);
}

std::string describe(const std::vector<int>& cores) {
  return fmt::format("{} {}", cores.size() == 1 ? "core" : "cores",
                     fmt::join(cores, " and "));
}

void print_head(const LimitOptions& options, const Cores& cores) {
  const LimitWorkload& given = options.contenders.front().workload;
  const Placement placement =
      given.shares_cores ? cores.shared() : cores.divided();
  fmt::print(
      "CPU (user + system) of the server per request: server on {}, generator "
      "on {}, {} keep-alive connections, GET {}, {} rounds of {} ms\n",
      describe(placement.server), describe(placement.generator),
      given.connections, given.path, options.rounds, options.duration_ms);
  std::string row = fmt::format("{:>8}  {:<24}", "round", "contender");
  for (const Column& column : kColumns)
    row += fmt::format("{:>10}", column.name);
  fmt::print("{}\n", row);
}

Argv bare_server(const LimitWorkload& workload) {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  Argv argv = {folder / "bare_server", "--port", "{port}"};
  if (workload.body_bytes) {
    argv.emplace_back("--body-bytes");
    argv.push_back(std::to_string(*workload.body_bytes));
  }
  return argv;
}

/// One trial of each contender, and one of the bare server under each workload.
/// Every other round goes backwards.
std::vector<Pair> measure_round(const LimitOptions& options, const Cores& cores,
                                bool backwards) {
  const auto& contenders = options.contenders;
  const milliseconds duration(options.duration_ms);
  std::vector<std::size_t> order(contenders.size());
  std::iota(order.begin(), order.end(), 0);
  if (backwards) std::reverse(order.begin(), order.end());

  std::vector<Pair> pairs(contenders.size());
  for (const std::size_t which : order) {
    const auto& [name, workload, command] = contenders[which];
    const auto measure_bare = [&, &given = workload] {
      for (std::size_t other = 0; other < contenders.size(); ++other)
        if (contenders[other].workload == given &&
            !std::isnan(pairs[other].bare_us))
          return pairs[other].bare_us;
      return measure_server(bare_server(given), given, duration, cores).cpu_us;
    };
    if (workload.has_reference && !backwards)
      pairs[which].bare_us = measure_bare();
    pairs[which].own = measure_server(command, workload, duration, cores);
    if (workload.has_reference && backwards)
      pairs[which].bare_us = measure_bare();
  }
  return pairs;
}

void compare_servers(const LimitOptions& options, const Cores& cores) {
  const auto& contenders = options.contenders;
  print_head(options, cores);
  std::vector<std::array<std::vector<double>, kColumns.size()>> taken(
      contenders.size());
  for (int round = 0; round < options.rounds; ++round) {
    const auto pairs = measure_round(options, cores, round % 2 == 1);
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const Figures figures =
          figures_of(pairs[i], pairs.front(), contenders[i].workload);
      for (std::size_t c = 0; c < figures.size(); ++c)
        taken[i][c].push_back(figures[c]);
      print_row(std::to_string(round + 1), contenders[i].name, figures);
    }
  }
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    Figures medians;
    for (std::size_t c = 0; c < medians.size(); ++c)
      medians[c] =
          std::isnan(taken[i][c].front()) ? kNone : median(taken[i][c]);
    print_row("median", contenders[i].name, medians);
  }
}

void time_beside_blocked(const LimitOptions& options, const Cores& cores) {
  const LimitContender& contender = options.contenders.front();
  const BesideBlocked result =
      measure_beside_blocked(contender, *options.blocking_path, cores);
  fmt::print(
      "{}: {} of {} requests of {} under {} ms while one of {} ran, the "
      "slowest "
      "{:.1f} ms\n",
      contender.name, result.fast, result.sent, contender.workload.path,
      kFastLimit.count(), *options.blocking_path, result.slowest_ms);
}

void run(const LimitOptions& options) {
  const Cores cores;
  raise_descriptor_limit();
  if (options.generator)
    compare_generators(bare_server({}), options, cores);
  else if (options.blocking_path)
    time_beside_blocked(options, cores);
  else
    compare_servers(options, cores);
}

}  // namespace
}  // namespace launch::bench

int main(int argc, char** argv) try {
  using namespace launch::bench;
  const auto options = parse_limit_options({argv + 1, argv + argc});
  if (!options) {
    fmt::print(stderr, "{}", kLimitUsage);
    return 2;
  }
  if (options->generator && !has_wrk()) {
    fmt::print("wrk is not installed, so there is nothing to compare with.\n");
    return 0;
  }
  run(*options);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "limit: {}\n", error.what());
  return 1;
}
