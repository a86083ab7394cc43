#include "bench/during/load_kind.hpp"

#include <algorithm>

namespace launch::bench {

std::optional<LoadKind> find_load_kind(std::string_view name) {
  const auto* const found =
      std::find_if(kLoadKinds.begin(), kLoadKinds.end(),
                   [&](const LoadKind& kind) { return kind.name == name; });
  return found == kLoadKinds.end() ? std::nullopt : std::optional(*found);
}

}  // namespace launch::bench
