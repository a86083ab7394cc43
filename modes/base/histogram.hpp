#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace launch {

/// Counts of values from 0 to kMax with a bounded relative error, laid out as
/// HdrHistogram does for 3 significant digits: values below 2048 are exact,
/// above that each power of two is cut into 1024 equal cells, so a value read
/// back differs from the recorded one by less than 1/1024 (0.1 %).
/// Histograms of several threads or rounds add up exactly. Not thread-safe.
class Histogram {
 public:
  /// Larger values are recorded as this one: one hour in microseconds.
  static constexpr std::uint64_t kMax = 3'600'000'000;

  Histogram();

  void record(std::uint64_t value);
  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }  ///< exact; 0 when empty
  std::uint64_t min() const { return min_; }  ///< exact; 0 when empty
  double mean() const;                        ///< exact; 0 when empty

  /// Smallest recorded value that at least `fraction` (0 < fraction <= 1) of
  /// the values did not exceed, as the middle of its cell. Nothing with fewer
  /// than 10 / (1 - fraction) values: too few to say (max() is always known).
  std::optional<double> percentile(double fraction) const;

 private:
  static std::size_t index_of(std::uint64_t value);

  std::vector<std::uint64_t> cells_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t min_ = 0;
  double sum_ = 0;
};

}  // namespace launch
