// Measures against the limit, in turn and in one run, so that what the machine
// does to one it does to the other:
//
//   limit [options] -- COMMAND...   CPU per request of the server that COMMAND
//                                   starts ({port} in it stands for a free
//                                   port) against the bare server's
//   limit [options] --generator     CPU per request of our load generator
//                                   against wrk's, both driving the bare server
//
// Options: --pairs N (default 7), --duration-ms N (default 1000).

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/core.h>

#include "bench/load/load.hpp"
#include "bench/reference/measured_server.hpp"
#include "modes/base/child_process.hpp"

namespace launch::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kConnections = 64;
constexpr std::string_view kUsage =
    "usage: limit [--pairs N] [--duration-ms N] (--generator | -- COMMAND...)\n"
    "COMMAND must hold {port}, which is replaced by a free port.\n";

struct Options {
  int pairs = 7;
  int duration_ms = 1000;
  bool generator = false;
  Argv command;
};

std::optional<Options> parse(const Argv& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& flag = arguments[i];
    if (flag == "--generator") {
      options.generator = true;
    } else if (flag == "--") {
      options.command.assign(arguments.begin() + static_cast<long>(i) + 1,
                             arguments.end());
      break;
    } else if ((flag == "--pairs" || flag == "--duration-ms") &&
               i + 1 < arguments.size()) {
      const std::string& text = arguments[++i];
      int& value = flag == "--pairs" ? options.pairs : options.duration_ms;
      const char* const end = text.data() + text.size();
      const auto [parsed_to, error] = std::from_chars(text.data(), end, value);
      if (error != std::errc{} || parsed_to != end || value < 1) return {};
    } else {
      return {};
    }
  }
  const bool names_port =
      std::any_of(options.command.begin(), options.command.end(),
                  [](const auto& a) { return a.find("{port}") != a.npos; });
  if (options.generator ? !options.command.empty() : !names_port) return {};
  return options;
}

std::string sibling(std::string_view name) {
  return fs::read_symlink("/proc/self/exe").parent_path() / name;
}

Argv bare_server() { return {sibling("bare_server"), "--port", "{port}"}; }

LoadPlan plan_for(const MeasuredServer& server, const Options& options) {
  LoadPlan plan;
  plan.port = server.port();
  plan.mix = {RequestKind{}};
  plan.connections = kConnections;
  plan.duration = milliseconds(options.duration_ms);
  // Waking a sleeping generator is an interrupt to another core, which on a
  // virtual machine costs the server a microsecond. A slower server would pay
  // for more of them.
  plan.polls = true;
  return plan;
}

double per_request_us(double cpu_s, std::uint64_t requests,
                      const std::string& trouble) {
  if (requests == 0)
    throw std::runtime_error("there was no good answer: " + trouble);
  return cpu_s * 1e6 / static_cast<double>(requests);
}

/// CPU per request, in us, of the server that `argv` starts.
double measure_server(const Argv& argv, const Options& options,
                      const Placement& placement) {
  const MeasuredServer server(argv, placement);
  double begin = 0;
  double end = 0;
  const LoadResult load = run_load(
      plan_for(server, options),
      {[&] { begin = server.cpu_s(); }, [&] { end = server.cpu_s(); }});
  return per_request_us(end - begin, load.requests, load.first_error);
}

double cpu_s(int who) {
  rusage used{};
  ::getrusage(who, &used);
  const auto in_seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

/// CPU per request, in us, of our generator: of the whole run, with its
/// connecting and its end, as it can only be known of wrk.
double measure_ours(const MeasuredServer& server, const Options& options) {
  LoadPlan plan = plan_for(server, options);
  plan.warmup = milliseconds(0);
  plan.polls = false;
  const double begin = cpu_s(RUSAGE_THREAD);
  const LoadResult load = run_load(plan);
  return per_request_us(cpu_s(RUSAGE_THREAD) - begin, load.requests,
                        load.first_error);
}

std::string output_of(const Argv& argv) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "no pipe");
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  ChildSpec spec;
  spec.argv = argv;
  spec.descriptors = {{input.get(), STDOUT_FILENO}};
  ChildProcess process(spec);
  input.reset();
  std::string text;
  std::array<char, 4096> part;
  for (ssize_t got = 0;
       (got = ::read(output.get(), part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  process.wait_for(seconds(5));
  return text;
}

double measure_wrk(const MeasuredServer& server, const Options& options) {
  const int whole_seconds = (options.duration_ms + 999) / 1000;
  const double begin = cpu_s(RUSAGE_CHILDREN);
  const std::string report =
      output_of({"wrk", "-t1", fmt::format("-c{}", kConnections),
                 fmt::format("-d{}s", whole_seconds),
                 fmt::format("http://127.0.0.1:{}/", server.port())});
  const double used = cpu_s(RUSAGE_CHILDREN) - begin;
  const std::size_t at = report.find(" requests in ");
  std::uint64_t requests = 0;
  if (at != report.npos) {
    const std::size_t line = report.rfind('\n', at) + 1;
    const std::size_t digits = report.find_first_not_of(' ', line);
    std::from_chars(report.data() + digits, report.data() + at, requests);
  }
  return per_request_us(used, requests, "wrk reported " + report);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half]
                                : (values[half - 1] + values[half]) / 2;
}

/// Measures both in turn, the first one in front in every other pair, and
/// prints each pair and the medians.
void compare(const std::string& title, std::array<const char*, 2> names,
             const std::array<std::function<double()>, 2>& measure, int pairs) {
  fmt::print("{}\n{:>8}{:>14}{:>14}{:>8}{:>12}\n", title, "pair", names[0],
             names[1], "ratio", "difference");
  const std::string row = "{:>8}{:>11.2f} us{:>11.2f} us{:>8.2f}{:>9.2f} us\n";
  std::array<std::vector<double>, 2> taken;
  std::vector<double> ratios;
  std::vector<double> differences;
  for (int pair = 0; pair < pairs; ++pair) {
    const std::size_t first = pair % 2 == 0 ? 0 : 1;
    for (const std::size_t which : {first, 1 - first})
      taken[which].push_back(measure[which]());
    ratios.push_back(taken[1].back() / taken[0].back());
    differences.push_back(taken[1].back() - taken[0].back());
    fmt::print(fmt::runtime(row), pair + 1, taken[0].back(), taken[1].back(),
               ratios.back(), differences.back());
    std::fflush(stdout);
  }
  fmt::print(fmt::runtime(row), "median", median(taken[0]), median(taken[1]),
             median(ratios), median(differences));
}

void run(const Options& options) {
  const Placement placement = place();
  const std::string conditions = fmt::format(
      "server on core {}, generator on core {}, {} keep-alive connections, "
      "GET /, {} pairs of {} ms",
      placement.server_core, placement.generator_core, kConnections,
      options.pairs, options.duration_ms);
  if (!options.generator) {
    compare(
        "CPU (user + system) of the server per request: " + conditions,
        {"bare", "command"},
        {[&] { return measure_server(bare_server(), options, placement); },
         [&] { return measure_server(options.command, options, placement); }},
        options.pairs);
    return;
  }
  const MeasuredServer server(bare_server(), placement);
  compare("CPU (user + system) of the generator per request: " + conditions,
          {"wrk -t1", "launch"},
          {[&] { return measure_wrk(server, options); },
           [&] { return measure_ours(server, options); }},
          options.pairs);
}

/// Without wrk there is nothing to compare the generator with.
bool has_wrk() {
  const char* const path = std::getenv("PATH");
  std::string_view folders = path != nullptr ? path : "";
  while (!folders.empty()) {
    const std::size_t colon = std::min(folders.find(':'), folders.size());
    const fs::path program = fs::path(folders.substr(0, colon)) / "wrk";
    if (::access(program.c_str(), X_OK) == 0) return true;
    folders.remove_prefix(std::min(colon + 1, folders.size()));
  }
  return false;
}

}  // namespace
}  // namespace launch::bench

int main(int argc, char** argv) try {
  using namespace launch::bench;
  const auto options = parse({argv + 1, argv + argc});
  if (!options) {
    fmt::print(stderr, "{}", kUsage);
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
