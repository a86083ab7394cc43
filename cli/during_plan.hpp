#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/during/during_records.hpp"
#include "cli/bench_plan.hpp"

namespace launch::cli {

/// The flags of `launch bench --during` as they were typed; those that it
/// shares with the comparison are in BenchFlags.
struct DuringFlags {
  std::string event{};
  std::optional<int> times{};
  std::vector<std::string> loads{};
  std::vector<std::string> contenders{};
  std::string signal{};
  std::optional<std::string> spacing{};
  std::optional<std::string> around{};
};

void add_during_flags(CLI::App& command, DuringFlags& flags);

/// Throws UsageError on a flag that has no effect without --during.
void refuse_during_flags(const DuringFlags& flags);

/// What to do. `self` is the program that serves where no contender is named.
/// `fresh_seed` is used when no seed was given. Throws UsageError.
bench::DuringPlan make_during_plan(const BenchFlags& flags,
                                   const DuringFlags& during,
                                   const std::string& self,
                                   std::uint64_t fresh_seed);

}  // namespace launch::cli
