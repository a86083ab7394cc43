#pragma once

#include <vector>

#include "bench/compare/records.hpp"

namespace launch::bench {

inline constexpr double kConfidence = 0.95;

/// The middle value, or the mean of the two middle ones. Throws
/// std::invalid_argument when there is none.
double median(std::vector<double> values);

/// Throws std::invalid_argument when there are no values.
double mean(const std::vector<double>& values);

/// exp(mean(log(values))); 0 when any value is 0. Throws std::invalid_argument
/// when there are no values or one is negative.
double geometric_mean(const std::vector<double>& values);

/// Two-sided quantile of Student's t: P(|T| <= t) = confidence.
double student_t(int degrees_of_freedom, double confidence);

/// The geometric mean and its confidence interval, exp(m -+ t s / sqrt(n)) with
/// mean m and standard deviation s of the n logarithms. One value, or a zero
/// among them, has no interval.
Estimate estimate_of(const std::vector<double>& values,
                     double confidence = kConfidence);

/// The same for the quotients numerators[i] / denominators[i]: measured in the
/// same round, so that what disturbed both cancels out. Throws
/// std::invalid_argument when the lengths differ or a denominator is 0.
Estimate ratio_of(const std::vector<double>& numerators,
                  const std::vector<double>& denominators,
                  double confidence = kConfidence);

}  // namespace launch::bench
