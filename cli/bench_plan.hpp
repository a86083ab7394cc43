#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/compare/records.hpp"

namespace launch::cli {

/// The flags of `launch bench` as they were typed.
struct BenchFlags {
  std::string app = "demo";
  bool compare_all = false;
  bool quick = false;
  std::vector<std::string> paths{};
  std::vector<std::string> workloads{};
  int connections = 64;
  std::optional<int> rounds{};
  std::optional<std::string> duration{};
  std::optional<std::string> warmup{};
  std::string timeout = "10s";
  std::optional<std::uint64_t> seed{};
  std::string json{};
  std::string color = "auto";
  bool quiet = false;
};

/// The demo's workloads, by name; see docs/measuring.md.
std::vector<std::string> workload_names();

/// `single`, `prefork` (cores), `thread-pool` (cores), `thread-pool` (16) and
/// `prefork` (cores x 8 threads), each as `self APP --mode ...`; layouts that
/// coincide on this number of cores appear once.
std::vector<bench::Contender> contenders(const std::string& self,
                                         const std::string& app, int cores);

/// What to measure. Throws UsageError on flags that exclude one another.
/// `fresh_seed` is used when no seed was given.
bench::ComparisonPlan make_plan(const BenchFlags& flags,
                                const std::string& self, int cores,
                                std::uint64_t fresh_seed);

}  // namespace launch::cli
