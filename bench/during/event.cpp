#include "bench/during/event.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace launch::bench {

std::optional<Event> find_event(std::string_view name) {
  const auto* const found =
      std::find_if(kEvents.begin(), kEvents.end(),
                   [&](const Event& event) { return event.name == name; });
  return found == kEvents.end() ? std::nullopt : std::optional(*found);
}

bool takes_signal(const Event& event) {
  return event.act == Act::signal || event.act == Act::restart;
}

std::string counted(const Event& event, int times) {
  return fmt::format("{} {}", times,
                     times == 1 ? event.singular : event.plural);
}

}  // namespace launch::bench
