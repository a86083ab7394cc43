#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/compare/target.hpp"

namespace launch::bench {

/// A contender that only exists in a test. What happens to it is written to
/// `log`: "ask", "stop", ...
class FakeTarget : public Target {
 public:
  explicit FakeTarget(std::vector<std::string>& log) : log_(log) {}

  pid_t pid() const override { return process; }
  std::string host() const override { return "127.0.0.1"; }
  std::uint16_t port() const override { return 4242; }
  double startup_ms() const override { return 25; }
  double cpu_s() const override { return cpu; }
  std::uint64_t pss_bytes() const override { return 5'000'000; }

  void ask_counts() override { log_.push_back("ask"); }
  std::vector<WorkerCounts> take_counts() override {
    if (counts.empty()) return {};
    std::vector<WorkerCounts> next = counts.front();
    counts.erase(counts.begin());
    return next;
  }
  std::optional<std::string> death() override { return dead; }
  std::optional<std::string> stop() override {
    log_.push_back("stop");
    return forced;
  }

  double cpu = 0;
  pid_t process = 4711;
  std::vector<std::vector<WorkerCounts>> counts;  ///< the answers, in order
  std::optional<std::string> dead;
  std::optional<std::string> forced;

 private:
  std::vector<std::string>& log_;
};

}  // namespace launch::bench
