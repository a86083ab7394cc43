#include "bench/reference/limit_generator.hpp"

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
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/core.h>

#include "bench/load/load.hpp"
#include "bench/stats/statistics.hpp"
#include "modes/base/child_process.hpp"

namespace launch::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kConnections = 64;

double per_request_us(double cpu_s, std::uint64_t requests,
                      const std::string& trouble) {
  if (requests == 0)
    throw std::runtime_error("there was no good answer: " + trouble);
  return cpu_s * 1e6 / static_cast<double>(requests);
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
double measure_ours(const MeasuredServer& server, const LimitOptions& options) {
  LoadPlan plan;
  plan.port = server.port();
  plan.mix = {RequestKind{}};
  plan.connections = kConnections;
  plan.warmup = milliseconds(0);
  plan.duration = milliseconds(options.duration_ms);
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

double measure_wrk(const MeasuredServer& server, const LimitOptions& options) {
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

}  // namespace

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

void compare_generators(const Argv& bare_server, const LimitOptions& options,
                        const Cores& cores) {
  const MeasuredServer server(bare_server, cores.divided());
  fmt::print(
      "CPU (user + system) of the generator per request: {} keep-alive "
      "connections, GET /, {} rounds of {} ms\n{:>8}{:>14}{:>14}{:>8}{:>12}\n",
      kConnections, options.rounds, options.duration_ms, "round", "wrk -t1",
      "launch", "ratio", "difference");
  std::array<std::vector<double>, 4> columns;
  const auto print = [](const auto& label, const auto& row) {
    fmt::print("{:>8}{:>11.2f} us{:>11.2f} us{:>8.2f}{:>9.2f} us\n", label,
               row[0], row[1], row[2], row[3]);
    std::fflush(stdout);
  };
  for (int round = 0; round < options.rounds; ++round) {
    double wrk = 0;
    double ours = 0;
    if (round % 2 == 0) wrk = measure_wrk(server, options);
    ours = measure_ours(server, options);
    if (round % 2 == 1) wrk = measure_wrk(server, options);
    const std::array row = {wrk, ours, ours / wrk, ours - wrk};
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
    print(round + 1, row);
  }
  print("median", std::array{median(columns[0]), median(columns[1]),
                             median(columns[2]), median(columns[3])});
}

}  // namespace launch::bench
