#include "modes/engine/answer_claim.hpp"

#include <thread>

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("a handler that is done in time answers", "[answer-claim]") {
  AnswerClaim claim;
  CHECK(claim.take());  // nothing was begun: nothing expired
  claim.begin(100, false);
  // Between 1 and 2 s have passed at tick 102, surely 2 s at tick 103.
  CHECK_FALSE(claim.expire(100, seconds{2}));
  CHECK_FALSE(claim.expire(102, seconds{2}));
  CHECK(claim.take());
  CHECK_FALSE(claim.expire(200, seconds{2}));
}

TEST_CASE("a handler that takes too long does not answer", "[answer-claim]") {
  AnswerClaim claim;
  claim.begin(100, true);
  CHECK(claim.expire(103, seconds{2}));
  CHECK(claim.head_only());
  CHECK_FALSE(claim.expire(104, seconds{2}));  // it is answered once
  CHECK_FALSE(claim.take());
}

TEST_CASE("a late request does not spoil the next one", "[answer-claim]") {
  AnswerClaim claim;
  claim.begin(100, true);
  CHECK(claim.expire(103, seconds{2}));
  CHECK_FALSE(claim.take());
  claim.begin(103, false);
  CHECK_FALSE(claim.expire(105, seconds{2}));
  CHECK_FALSE(claim.head_only());
  CHECK(claim.take());
}

TEST_CASE("a handler's time is told over the end of the ticks' numbers",
          "[answer-claim]") {
  AnswerClaim claim;
  claim.begin(0xffff'ffffu, false);
  CHECK_FALSE(claim.expire(0, seconds{1}));  // one tick later
  CHECK(claim.expire(1, seconds{1}));        // two
}

TEST_CASE("of handler and sweep exactly one answers", "[answer-claim]") {
  AnswerClaim claim;
  constexpr std::uint32_t kRequests = 20'000;
  std::atomic<bool> done{false};
  std::uint32_t expired = 0;
  std::thread sweep{[&] {
    while (!done) expired += claim.expire(2, seconds{1}) ? 1 : 0;
  }};
  std::uint32_t answered = 0;
  for (std::uint32_t i = 0; i < kRequests; ++i) {
    claim.begin(0, false);
    answered += claim.take() ? 1 : 0;
  }
  done = true;
  sweep.join();
  CHECK(answered + expired == kRequests);
}
