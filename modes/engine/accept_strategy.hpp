#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace launch {

/// How workers that share listening sockets decide who takes a connection.
enum class AcceptStrategy {
  shared,
  exclusive,
};

struct AcceptStrategyRow {
  std::string_view name;
  AcceptStrategy strategy;
  std::string_view summary;
};

inline constexpr std::array kAcceptStrategies{
    AcceptStrategyRow{"shared", AcceptStrategy::shared,
                      "all are woken, and one with more connections than "
                      "others steps back: kept connections spread evenly"},
    AcceptStrategyRow{"exclusive", AcceptStrategy::exclusive,
                      "the kernel wakes one, which takes one and queues up "
                      "behind the others"},
};

/// Nothing when no strategy has this name.
std::optional<AcceptStrategy> find_accept_strategy(std::string_view name);

std::string_view to_string(AcceptStrategy strategy);

}  // namespace launch
