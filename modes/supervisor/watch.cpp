#include "modes/supervisor/watch.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace launch {
namespace {

/// `limit`, or less by up to the jitter; 0 stays 0, all else is at least 1.
template <typename Number>
Number share(Number limit, double jitter, std::minstd_rand& random) {
  if (limit == 0) return 0;
  std::uniform_real_distribution<double> less(0, jitter);
  const double drawn = static_cast<double>(limit) * (1 - less(random));
  return std::max(static_cast<Number>(std::llround(drawn)), Number{1});
}

std::string hang_reason(const Observation& seen) {
  std::string text =
      fmt::format("it has done nothing for {:.1f} s",
                  static_cast<double>(seen.silent.count()) / 1e3);
  if (seen.request.empty()) return text;
  text += fmt::format(", while it works on \"{}\"", seen.request);
  if (seen.one_thread)
    text +=
        " (with --threads a handler that takes long keeps nobody else waiting)";
  return text;
}

}  // namespace

Watch::Watch(const WatchRules& rules, std::minstd_rand& random)
    : rules_(rules) {
  rules_.max_requests = share(rules.max_requests, rules.jitter, random);
  rules_.max_lifetime =
      milliseconds{share(rules.max_lifetime.count(), rules.jitter, random)};
}

std::optional<Finding> Watch::judge(const Observation& seen) const {
  if (rules_.hang_timeout.count() > 0 && seen.silent >= rules_.hang_timeout)
    return Finding{RestartCause::hang, hang_reason(seen)};
  if (rules_.max_requests > 0 && seen.requests >= rules_.max_requests)
    return Finding{RestartCause::max_requests,
                   fmt::format("it has answered {} requests", seen.requests)};
  if (rules_.max_lifetime.count() > 0 && seen.served >= rules_.max_lifetime)
    return Finding{
        RestartCause::max_lifetime,
        fmt::format("it has served for {} s", seen.served.count() / 1000)};
  if (rules_.max_memory > 0 && seen.memory.value_or(0) > rules_.max_memory)
    return Finding{
        RestartCause::max_memory,
        fmt::format("it uses {} MiB of memory (PSS)", *seen.memory >> 20)};
  return std::nullopt;
}

}  // namespace launch
