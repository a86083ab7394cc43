#include "modes/engine/in_progress.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("handlers and untaken answers leave no room for another request",
          "[in_progress]") {
  InProgress all{2};
  all.handler_begins();  // the one that asks
  CHECK(all.takes_request());
  all.answer_waits();
  CHECK(all.takes_request());
  all.handler_begins();
  CHECK_FALSE(all.takes_request());
  CHECK_FALSE(all.takes_body());
  all.handler_ends();
  CHECK(all.takes_request());
  all.answer_waits();
  CHECK_FALSE(all.takes_request());
  all.answer_taken();
  CHECK(all.takes_request());
}

TEST_CASE("bodies that are still coming leave no room for other bodies only",
          "[in_progress]") {
  InProgress all{2};
  all.body_waits();
  CHECK(all.takes_body());
  all.body_waits();
  CHECK_FALSE(all.takes_body());
  CHECK(all.takes_request());
  all.body_here();
  CHECK(all.takes_body());
  all.answer_waits();
  CHECK_FALSE(all.takes_body());
}

TEST_CASE("where handlers are not counted, the one that asks is the only one",
          "[in_progress]") {
  InProgress all{1};
  CHECK(all.takes_request());
  all.answer_waits();
  CHECK_FALSE(all.takes_request());
}

TEST_CASE("refusals are counted until somebody takes the count",
          "[in_progress]") {
  InProgress all{1};
  CHECK(all.take_refused() == 0);
  all.answer_waits();
  all.takes_request();
  all.takes_body();
  CHECK(all.take_refused() == 2);
  CHECK(all.take_refused() == 0);
}
