#include "bench/stats/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <boost/math/distributions/students_t.hpp>

namespace launch::bench {
namespace {

void require_values(const std::vector<double>& values) {
  if (values.empty())
    throw std::invalid_argument("a statistic of no values was asked for");
}

// Beyond this exp() is infinite, which no report can show.
constexpr double kLargestExponent = 700;

double bounded_exp(double exponent) {
  return std::exp(std::clamp(exponent, -kLargestExponent, kLargestExponent));
}

std::vector<double> logarithms(const std::vector<double>& values) {
  std::vector<double> logs;
  logs.reserve(values.size());
  for (double value : values) logs.push_back(std::log(value));
  return logs;
}

// Of a sample: divided by n - 1.
double standard_deviation(const std::vector<double>& values, double middle) {
  double squares = 0;
  for (double value : values) squares += (value - middle) * (value - middle);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

bool has_zero(const std::vector<double>& values) {
  return std::find(values.begin(), values.end(), 0.0) != values.end();
}

}  // namespace

double median(std::vector<double> values) {
  require_values(values);
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

double mean(const std::vector<double>& values) {
  require_values(values);
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(values.size());
}

double geometric_mean(const std::vector<double>& values) {
  require_values(values);
  if (*std::min_element(values.begin(), values.end()) < 0)
    throw std::invalid_argument("a geometric mean of a negative value");
  if (has_zero(values)) return 0;
  return bounded_exp(mean(logarithms(values)));
}

double student_t(int degrees_of_freedom, double confidence) {
  const boost::math::students_t distribution(degrees_of_freedom);
  return boost::math::quantile(
      boost::math::complement(distribution, (1 - confidence) / 2));
}

Estimate estimate_of(const std::vector<double>& values, double confidence) {
  Estimate result{geometric_mean(values)};
  if (values.size() < 2 || has_zero(values)) return result;
  const std::vector<double> logs = logarithms(values);
  const double middle = mean(logs);
  const double half = student_t(static_cast<int>(logs.size()) - 1, confidence) *
                      standard_deviation(logs, middle) /
                      std::sqrt(static_cast<double>(logs.size()));
  result.low = bounded_exp(middle - half);
  result.high = bounded_exp(middle + half);
  return result;
}

Estimate ratio_of(const std::vector<double>& numerators,
                  const std::vector<double>& denominators, double confidence) {
  if (numerators.size() != denominators.size())
    throw std::invalid_argument("a ratio of series of different lengths");
  if (has_zero(denominators))
    throw std::invalid_argument("a ratio to a round without an answer");
  std::vector<double> quotients(numerators.size());
  std::transform(numerators.begin(), numerators.end(), denominators.begin(),
                 quotients.begin(), std::divides<>{});
  return estimate_of(quotients, confidence);
}

}  // namespace launch::bench
