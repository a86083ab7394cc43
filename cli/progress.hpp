#pragma once

#include <set>
#include <string>

#include "bench/compare/compare.hpp"

namespace launch::cli {

/// Draws a comparison's progress on standard error: one line that changes on
/// a terminal, one line per started contender elsewhere, or nothing.
class ProgressLine final : public bench::Progress {
 public:
  enum class Style { none, lines, terminal };

  ProgressLine(Style style, int rounds);
  ~ProgressLine() override;

  void on_trial(const std::string& contender, const std::string& workload,
                int round, int done, int total,
                milliseconds time_left) override;
  void on_trial_end(const bench::Trial& trial) override;
  void on_failure(const bench::Failure& failure) override;

 private:
  void clear();

  Style style_;
  int rounds_;
  bool drawn_ = false;
  std::set<std::string> told_;  ///< reasons of failures
  std::string last_start_;      ///< contender and round of the last plain line
};

/// "[########............]"; `done` of `total` in `width` cells.
std::string progress_bar(int done, int total, int width);

}  // namespace launch::cli
