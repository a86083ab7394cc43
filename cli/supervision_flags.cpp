#include "cli/supervision_flags.hpp"

#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/validators.hpp"

namespace launch::cli {
namespace {

constexpr std::string_view kNone = "none";
constexpr int kMostUnavailable = 1024;

/// A flag of text; what it means is said by parse_supervision().
struct FlagRow {
  std::string SupervisionFlags::*text;
  std::string_view flag;
  std::string_view environment;
  std::string_view kind;
  std::string_view help;
};

constexpr std::array kFlags{
    FlagRow{&SupervisionFlags::boot_timeout, "--boot-timeout",
            "LAUNCH_BOOT_TIMEOUT", "TIME [30s]",
            "From a worker's start until it is ready, else it is given up"},
    FlagRow{&SupervisionFlags::hang_timeout, "--hang-timeout",
            "LAUNCH_HANG_TIMEOUT", "TIME [60s]",
            "A worker of which neither the loop nor any handler thread goes on "
            "for so long is replaced; at least 2s, or none"},
    FlagRow{&SupervisionFlags::max_requests, "--max-requests",
            "LAUNCH_MAX_REQUESTS", "N [none]",
            "Requests after which a worker is replaced; each worker draws up "
            "to a tenth less"},
    FlagRow{&SupervisionFlags::max_lifetime, "--max-lifetime",
            "LAUNCH_MAX_LIFETIME", "TIME [none]",
            "Time after which a worker is replaced; each worker draws up to a "
            "tenth less"},
    FlagRow{&SupervisionFlags::max_worker_memory, "--max-worker-memory",
            "LAUNCH_MAX_WORKER_MEMORY", "SIZE [none]",
            "A worker whose proportional set size (PSS) is above it is "
            "replaced"},
};

constexpr const char* kGroup = "Supervision (prefork)";

std::string accept_help() {
  std::string text = "Which worker takes a new connection:";
  for (const AcceptStrategyRow& row : kAcceptStrategies)
    text += fmt::format("\n  {}: {}", row.name, row.summary);
  return text;
}

milliseconds parse_hang_timeout(const std::string& text) {
  if (text == kNone) return milliseconds{0};
  const milliseconds time = parse_duration("--hang-timeout", text);
  if (time < seconds{2})
    throw UsageError(fmt::format(
        "--hang-timeout {}: a worker gives a sign of life once a second: say "
        "2s or more, or none",
        text));
  return time;
}

}  // namespace

void add_supervision_flags(CLI::App& app, SupervisionFlags& flags) {
  app.add_option("--accept", flags.accept, accept_help())
      ->check(one_of("accept strategy", names_of(kAcceptStrategies)))
      ->envname("LAUNCH_ACCEPT")
      ->option_text("STRATEGY [shared]")
      ->group(kGroup);
  for (const FlagRow& row : kFlags)
    app.add_option(std::string(row.flag), flags.*row.text,
                   std::string(row.help))
        ->envname(std::string(row.environment))
        ->option_text(std::string(row.kind))
        ->group(kGroup);
  app.add_flag("--preload", flags.preload,
               "Load the app once, in a process that workers are cloned from "
               "and share the memory of")
      ->envname("LAUNCH_PRELOAD")
      ->group(kGroup);
  app.add_option("--max-unavailable", flags.max_unavailable,
                 "Workers that a reload may stop before their successors are "
                 "ready")
      ->check(whole_number(0, kMostUnavailable))
      ->option_text("N [0]")
      ->group(kGroup);
}

SupervisionPlan parse_supervision(const SupervisionFlags& flags,
                                  const Mode& mode) {
  if (!mode.many_workers) {
    const auto refuse = [&](std::string_view flag) {
      throw UsageError(fmt::format(
          "{} has no effect in mode {}, which has no supervisor: use --mode "
          "prefork",
          flag, mode.name));
    };
    for (const FlagRow& row : kFlags)
      if (!(flags.*row.text).empty()) refuse(row.flag);
    if (flags.max_unavailable) refuse("--max-unavailable");
    if (flags.preload) refuse("--preload");
    if (!flags.accept.empty()) refuse("--accept");
  }
  SupervisionPlan plan;
  plan.preload = flags.preload;
  if (!flags.accept.empty())
    plan.accept = find_accept_strategy(flags.accept).value();
  if (!flags.boot_timeout.empty())
    plan.boot_timeout = parse_duration("--boot-timeout", flags.boot_timeout);
  if (!flags.hang_timeout.empty())
    plan.watch.hang_timeout = parse_hang_timeout(flags.hang_timeout);
  if (!flags.max_requests.empty() && flags.max_requests != kNone)
    plan.watch.max_requests =
        parse_count("--max-requests", flags.max_requests, kMostCount);
  if (!flags.max_lifetime.empty() && flags.max_lifetime != kNone)
    plan.watch.max_lifetime =
        parse_duration("--max-lifetime", flags.max_lifetime);
  if (!flags.max_worker_memory.empty() && flags.max_worker_memory != kNone)
    plan.watch.max_memory =
        parse_size("--max-worker-memory", flags.max_worker_memory, kMostBytes);
  plan.max_unavailable = flags.max_unavailable.value_or(0);
  return plan;
}

}  // namespace launch::cli
