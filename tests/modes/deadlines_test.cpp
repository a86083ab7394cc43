#include "modes/engine/deadlines.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

Patience patience(bool stopping = false) {
  return {.keep_alive = seconds{75},
          .read = milliseconds{1500},
          .write = seconds{30},
          .stopping = stopping};
}

}  // namespace

TEST_CASE("each wait has its own limit", "[deadlines]") {
  CHECK(allowed(Waiting::first, patience()) == seconds{75});
  CHECK(allowed(Waiting::request, patience()) == seconds{75});
  CHECK(allowed(Waiting::rest, patience()) == milliseconds{1500});
  CHECK(allowed(Waiting::client, patience()) == seconds{30});
  CHECK(allowed(Waiting::end, patience()) == seconds{2});
  CHECK(allowed(Waiting::handler, patience()) == milliseconds::max());
}

TEST_CASE("only idle connections have less time at the end", "[deadlines]") {
  CHECK(allowed(Waiting::first, patience(true)) == seconds{1});
  CHECK(allowed(Waiting::request, patience(true)) == seconds{1});
  CHECK(allowed(Waiting::rest, patience(true)) == milliseconds{1500});
  CHECK(allowed(Waiting::client, patience(true)) == seconds{30});
  CHECK(allowed(Waiting::handler, patience(true)) == milliseconds::max());
}

TEST_CASE("a wait is never cut short, as its first tick may come at once",
          "[deadlines]") {
  // The last request may take one second: after one tick it may have had
  // none of it, after two it has had more than one.
  CHECK_FALSE(expired(Waiting::first, 0, patience(true)));
  CHECK_FALSE(expired(Waiting::first, 1, patience(true)));
  CHECK(expired(Waiting::first, 2, patience(true)));
  CHECK_FALSE(expired(Waiting::rest, 2, patience()));
  CHECK(expired(Waiting::rest, 3, patience()));
  CHECK_FALSE(expired(Waiting::request, 75, patience()));
  CHECK(expired(Waiting::request, 76, patience()));
  CHECK_FALSE(expired(Waiting::handler, 2'000'000'000, patience()));
  // It began in a tick that this sweep has not heard of.
  CHECK_FALSE(expired(Waiting::request, -1, patience()));
}
