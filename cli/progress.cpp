#include "cli/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace launch::cli {

std::string progress_bar(int done, int total, int width) {
  const int filled = total > 0 ? width * std::clamp(done, 0, total) / total : 0;
  return fmt::format(
      "[{}{}]", std::string(static_cast<std::size_t>(filled), '#'),
      std::string(static_cast<std::size_t>(width - filled), '.'));
}

ProgressLine::ProgressLine(Style style, int rounds)
    : style_(style), rounds_(rounds) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::on_trial(const std::string& contender,
                            const std::string& workload, int round, int done,
                            int total, milliseconds time_left) {
  const auto left = std::chrono::round<seconds>(time_left).count();
  if (style_ == Style::terminal) {
    fmt::print(stderr, "\r\x1b[K{} {:>3} s left  round {}/{}  {} {}",
               progress_bar(done, total, 20), left, round, rounds_, contender,
               workload);
    std::fflush(stderr);
    drawn_ = true;
  } else if (style_ == Style::lines) {
    const std::string start =
        fmt::format("round {}/{}  {}", round, rounds_, contender);
    if (start != last_start_)
      fmt::print(stderr, "{:<34} {:>3} s left\n", start, left);
    last_start_ = start;
  }
}

void ProgressLine::on_trial_end(const bench::Trial&) {}

void ProgressLine::on_failure(const bench::Failure& failure) {
  // A wrong path fails alike everywhere; the report says where.
  if (!told_.insert(failure.reason).second) return;
  clear();
  fmt::print(stderr, "launch: {}: {}\n", failure.contender, failure.reason);
}

void ProgressLine::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace launch::cli
