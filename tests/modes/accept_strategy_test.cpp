#include "modes/engine/accept_strategy.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("an accept strategy is found by its name", "[accept-strategy]") {
  CHECK(find_accept_strategy("shared") == AcceptStrategy::shared);
  CHECK(find_accept_strategy("exclusive") == AcceptStrategy::exclusive);
  CHECK_FALSE(find_accept_strategy("Shared"));
  CHECK_FALSE(find_accept_strategy(""));
  for (const AcceptStrategyRow& row : kAcceptStrategies)
    CHECK(to_string(row.strategy) == row.name);
}
