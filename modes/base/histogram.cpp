#include "modes/base/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace launch {
namespace {

constexpr std::size_t kExact = 2048;  // values with a cell of their own
constexpr std::size_t kCellsPerOctave = 1024;  // above them

/// The values [low, low + width) that share a cell.
struct Cell {
  std::uint64_t low;
  std::uint64_t width;
};

Cell cell_at(std::size_t index) {
  if (index < kExact) return {index, 1};
  const std::size_t octave = (index - kExact) / kCellsPerOctave;
  const std::uint64_t step =
      kCellsPerOctave + (index - kExact) % kCellsPerOctave;
  return {step << (octave + 1), std::uint64_t{2} << octave};
}

}  // namespace

Histogram::Histogram() : cells_(index_of(kMax) + 1) {}

std::size_t Histogram::index_of(std::uint64_t value) {
  if (value < kExact) return value;
  const auto octave = static_cast<std::size_t>(std::bit_width(value)) - 12;
  return kExact + octave * kCellsPerOctave + (value >> (octave + 1)) -
         kCellsPerOctave;
}

void Histogram::record(std::uint64_t value) {
  value = std::min(value, kMax);
  ++cells_[index_of(value)];
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
  ++count_;
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
  count_ += other.count_;
}

void Histogram::clear() {
  std::fill(cells_.begin(), cells_.end(), 0);
  count_ = max_ = min_ = 0;
  sum_ = 0;
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::optional<double> Histogram::percentile(double fraction) const {
  // 1 - 0.9 is a little less than 0.1: without the tolerance 100 values would
  // be too few for p90, and a rank could be one too high.
  constexpr double kRounding = 1e-6;
  const auto count = static_cast<double>(count_);
  if (count * (1 - fraction) < 10 - kRounding) return std::nullopt;

  const double rank = std::ceil(count * fraction - kRounding);
  double seen = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    seen += static_cast<double>(cells_[i]);
    if (seen < rank || cells_[i] == 0) continue;
    const auto [low, width] = cell_at(i);
    const double middle =
        static_cast<double>(low) + static_cast<double>(width - 1) / 2;
    return std::clamp(middle, static_cast<double>(min_),
                      static_cast<double>(max_));
  }
  return std::nullopt;
}

}  // namespace launch
