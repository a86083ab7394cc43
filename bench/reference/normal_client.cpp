// A normal client, whose requests are timed while something else is done to the
// server. See kUsage. Every latency counts from when its request fell due, so
// that a server which stalls cannot hide it by keeping requests from being sent
// (coordinated omission).

#include <sys/prctl.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "bench/reference/normal_load.hpp"

namespace launch::bench {
namespace {

constexpr char kUsage[] =
    R"(usage: normal_client --port N [OPTION...]
Sends GET requests to 127.0.0.1 at a steady rate and prints one line: how many,
how many failed (no answer of status 200 in time), and latencies in us.
  --path P           default /
  --connections N    that are kept open; default 16
  --rate N           requests per second; default 2000
  --fresh-every N    every so many on a new connection, 0 for none; default 20
  --duration-ms N    default 5000
  --timeout-ms N     of a request, default 5000
)";

bool parse(std::string_view text, int least, int most, int& number) {
  const char* const end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && parsed_to == end && number >= least &&
         number <= most;
}

struct NumberOption {
  std::string_view flag;
  int least;
  int most;
  void (*set)(NormalPlan&, int);
};

constexpr int kMost = std::numeric_limits<int>::max();
constexpr std::array kNumbers = {
    NumberOption{
        "--port", 1, 65535,
        [](NormalPlan& p, int n) { p.port = static_cast<std::uint16_t>(n); }},
    NumberOption{"--connections", 1, kMost,
                 [](NormalPlan& p, int n) { p.connections = n; }},
    NumberOption{"--rate", 1, 1'000'000,
                 [](NormalPlan& p, int n) { p.rate = n; }},
    NumberOption{"--fresh-every", 0, kMost,
                 [](NormalPlan& p, int n) { p.fresh_every = n; }},
    NumberOption{"--duration-ms", 1, kMost,
                 [](NormalPlan& p, int n) { p.duration = milliseconds(n); }},
    NumberOption{"--timeout-ms", 1, kMost,
                 [](NormalPlan& p, int n) { p.timeout = milliseconds(n); }},
};

bool set_option(NormalPlan& plan, std::string_view flag, const char* value) {
  if (flag == "--path") {
    plan.path = value;
    return true;
  }
  int number = 0;
  for (const NumberOption& option : kNumbers)
    if (option.flag == flag) {
      if (!parse(value, option.least, option.most, number)) return false;
      option.set(plan, number);
      return true;
    }
  return false;
}

/// Nothing when the arguments make no sense.
std::optional<NormalPlan> parse(int argc, char** argv) {
  NormalPlan plan;
  for (int i = 1; i < argc; i += 2)
    if (i + 1 == argc || !set_option(plan, argv[i], argv[i + 1])) return {};
  if (plan.port == 0) return {};
  return plan;
}

/// "-" where there are too few values to say.
std::string percentile(const Histogram& values, double fraction) {
  const auto value = values.percentile(fraction);
  return value ? fmt::format("{:.0f}", *value) : "-";
}

int run(int argc, char** argv) {
  const auto plan = parse(argc, argv);
  if (!plan) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  // Otherwise the kernel may wake a sleeper 50 us late to save an interrupt.
  ::prctl(PR_SET_TIMERSLACK, 1);
  const NormalResult result = run_normal_load(*plan);
  fmt::print(
      "requests {} failures {} p50_us {} p99_us {} max_us {} late_p99_us {}\n",
      result.requests, result.failures, percentile(result.latency_us, 0.5),
      percentile(result.latency_us, 0.99), result.latency_us.max(),
      percentile(result.late_us, 0.99));
  if (result.failures > 0)
    fmt::print(stderr, "normal_client: the first failure: {}\n",
               result.first_failure);
  return 0;
}

}  // namespace
}  // namespace launch::bench

int main(int argc, char** argv) {
  try {
    return launch::bench::run(argc, argv);
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "normal_client: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "normal_client: {}\n", error.what());
    return 1;
  }
}
