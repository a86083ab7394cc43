#include "bench/compare/bound.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

struct Row {
  const char* what;
  LoadSides sides;  ///< generator CPU, delay, server cores used, cores,
                    ///< threads, connections
  Bound expected;
};

TEST_CASE("the bound follows from both sides' time", "[bound]") {
  const Row rows[]{
      {"both at work all the time", {0.97, 0, 0.95, 1, 1, 64}, Bound::both},
      {"the generator at work, the server not",
       {0.97, 0, 1.2, 2, 2, 64},
       Bound::generator},
      {"a generator that waits for a core is as slow",
       {0.70, 0.25, 1.2, 2, 2, 64},
       Bound::generator},
      {"just below the generator's limit",
       {0.70, 0.24, 1.2, 2, 2, 64},
       Bound::neither},
      {"the server's one core is full", {0.6, 0, 0.9, 1, 1, 64}, Bound::server},
      {"of two cores, one is not all", {0.6, 0, 0.9, 2, 2, 64}, Bound::neither},
      {"handlers that block leave both idle",
       {0.01, 0, 0.02, 1, 1, 64},
       Bound::server},
      {"16 blocked threads too", {0.05, 0, 0.1, 2, 16, 64}, Bound::server},
      {"too few connections for the threads",
       {0.05, 0, 0.1, 2, 16, 8},
       Bound::neither},
      {"as many connections as threads",
       {0.05, 0, 0.1, 2, 16, 16},
       Bound::server},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(std::string(to_string(decide_bound(row.sides))) ==
          std::string(to_string(row.expected)));
  }
}

}  // namespace
}  // namespace launch::bench
