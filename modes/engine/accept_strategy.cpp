#include "modes/engine/accept_strategy.hpp"

#include <algorithm>

namespace launch {

std::optional<AcceptStrategy> find_accept_strategy(std::string_view name) {
  const auto row =
      std::ranges::find(kAcceptStrategies, name, &AcceptStrategyRow::name);
  if (row == kAcceptStrategies.end()) return std::nullopt;
  return row->strategy;
}

std::string_view to_string(AcceptStrategy strategy) {
  return std::ranges::find(kAcceptStrategies, strategy,
                           &AcceptStrategyRow::strategy)
      ->name;
}

}  // namespace launch
