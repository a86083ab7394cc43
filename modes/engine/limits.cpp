#include "modes/engine/limits.hpp"

#include <algorithm>

#include "modes/http/hosted_server.hpp"

namespace launch {
namespace {

// An app is told the same presets by its server.
static_assert(row_of(Limit::body).preset == kDefaultPayloadMaxLength);
static_assert(row_of(Limit::requests).preset == kDefaultKeepAliveMaxCount);
static_assert(row_of(Limit::keep_alive_time).preset ==
              1000 * kDefaultKeepAliveTimeoutSeconds);
static_assert(row_of(Limit::body_time).preset ==
              1000 * kDefaultReadTimeoutSeconds);
static_assert(row_of(Limit::write_time).preset ==
              1000 * kDefaultWriteTimeoutSeconds);

struct UnitRow {
  std::uint64_t size;
  std::string_view suffix;
};
constexpr std::array kSizes{UnitRow{1u << 30, "G"}, UnitRow{1u << 20, "M"},
                            UnitRow{1u << 10, "K"}, UnitRow{1, ""}};
constexpr std::array kTimes{UnitRow{60'000, "m"}, UnitRow{1000, "s"},
                            UnitRow{1, "ms"}};

template <typename Units>
std::string in_largest(const Units& units, std::uint64_t value) {
  const auto fits = [&](const UnitRow& row) {
    return value >= row.size && value % row.size == 0;
  };
  const auto unit = std::find_if(units.begin(), units.end() - 1, fits);
  return std::to_string(value / unit->size).append(unit->suffix);
}

std::uint64_t count(milliseconds time) {
  return static_cast<std::uint64_t>(
      std::max<milliseconds::rep>(time.count(), 0));
}

}  // namespace

EngineLimits::EngineLimits(const LimitSettings& settings,
                           const HostedServer& server) {
  for (std::size_t i = 0; i < kLimits.size(); ++i)
    values_[i] = kLimits[i].preset;
  value(Limit::body) = server.payload_max_length();
  value(Limit::body_time) = count(server.read_timeout());
  value(Limit::keep_alive_time) = count(server.keep_alive_timeout());
  value(Limit::write_time) = count(server.write_timeout());
  value(Limit::requests) = server.keep_alive_max_count();
  // An app that waits less than that for any part of a request waits no longer
  // for a head.
  value(Limit::header_time) =
      std::min(value(Limit::header_time), value(Limit::body_time));
  for (std::size_t i = 0; i < kLimits.size(); ++i)
    values_[i] = settings[i].value_or(values_[i]);
}

FramingLimits EngineLimits::framing() const {
  FramingLimits limits;
  limits.target = (*this)[Limit::target];
  limits.head = (*this)[Limit::head];
  limits.fields = (*this)[Limit::fields];
  limits.body = (*this)[Limit::body];
  return limits;
}

std::string limit_text(LimitUnit unit, std::uint64_t value) {
  switch (unit) {
    case LimitUnit::bytes:
      return in_largest(kSizes, value);
    case LimitUnit::time:
      return in_largest(kTimes, value);
    case LimitUnit::rate:
    case LimitUnit::count:
      break;
  }
  return std::to_string(value);
}

}  // namespace launch
