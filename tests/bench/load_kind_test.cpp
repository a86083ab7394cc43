#include "bench/during/load_kind.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("kinds of load are found by name", "[kind]") {
  CHECK_FALSE(find_load_kind("close")->keep_alive);
  CHECK(find_load_kind("keepalive")->keep_alive);
  CHECK(find_load_kind("keepalive")->pause == milliseconds{0});
  CHECK(find_load_kind("pausing")->pause == milliseconds{2000});
  CHECK_FALSE(find_load_kind("open"));
}

TEST_CASE("only silent connections may cross a close", "[kind]") {
  for (const LoadKind& kind : kLoadKinds)
    CHECK((kind.crossing_per_100 > 0) == (kind.pause > milliseconds{0}));
}

}  // namespace
}  // namespace launch::bench
