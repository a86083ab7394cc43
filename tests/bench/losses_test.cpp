#include "bench/during/losses.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

Losses losses(std::uint64_t refused, std::uint64_t closed,
              std::uint64_t timeout, std::uint64_t bad_answer) {
  Losses lost;
  lost.refused = refused;
  lost.closed = closed;
  lost.timeout = timeout;
  lost.bad_answer = bad_answer;
  return lost;
}

TEST_CASE("each failure has one cause", "[losses]") {
  Losses lost;
  CHECK(lost.count(ErrorKind::refused));
  CHECK(lost.count(ErrorKind::closed));
  CHECK(lost.count(ErrorKind::write));
  CHECK(lost.count(ErrorKind::connect));
  CHECK(lost.count(ErrorKind::timeout));
  CHECK(lost.count(ErrorKind::read));
  CHECK(lost.refused == 1);
  CHECK(lost.closed == 2);
  CHECK(lost.timeout == 2);
  CHECK(lost.bad_answer == 1);
  CHECK(lost.total() == 6);
}

TEST_CASE("what was never sent is not lost", "[losses]") {
  Losses lost;
  CHECK_FALSE(lost.count(ErrorKind::unsent));
  CHECK(lost.total() == 0);
}

TEST_CASE("losses add up by cause", "[losses]") {
  Losses lost = losses(1, 2, 3, 4);
  lost += losses(10, 20, 30, 40);
  CHECK(lost.refused == 11);
  CHECK(lost.closed == 22);
  CHECK(lost.timeout == 33);
  CHECK(lost.bad_answer == 44);
}

TEST_CASE("an event that may lose nothing makes every loss a failure",
          "[losses]") {
  const Account nothing = account(Allowed::none, {}, 0, 0);
  CHECK(nothing.expected == 0);
  CHECK(nothing.unexpected == 0);
  const Account all = account(Allowed::none, losses(1, 2, 3, 4), 100, 0);
  CHECK(all.expected == 0);
  CHECK(all.unexpected == 10);
}

TEST_CASE("a request may cross the close of a silent connection", "[losses]") {
  const Account two = account(Allowed::none, losses(0, 2, 0, 0), 0, 2);
  CHECK(two.expected == 2);
  CHECK(two.unexpected == 0);
  const Account three = account(Allowed::none, losses(0, 3, 0, 0), 0, 2);
  CHECK(three.expected == 2);
  CHECK(three.unexpected == 1);
  // A refusal is no crossing.
  CHECK(account(Allowed::none, losses(1, 0, 0, 0), 0, 2).unexpected == 1);
}

TEST_CASE("while a server is down, refusals are expected and nothing else",
          "[losses]") {
  const Account some =
      account(Allowed::refused_while_down, losses(500, 2, 1, 1), 0, 0);
  CHECK(some.expected == 500);
  CHECK(some.unexpected == 4);
}

TEST_CASE("a dead worker costs one request per connection that it held",
          "[losses]") {
  const Account held =
      account(Allowed::held_by_dead_worker, losses(0, 15, 6, 0), 21, 0);
  CHECK(held.expected == 21);
  CHECK(held.unexpected == 0);
  const Account more =
      account(Allowed::held_by_dead_worker, losses(0, 15, 7, 0), 21, 0);
  CHECK(more.expected == 21);
  CHECK(more.unexpected == 1);
  // Others must go on to accept, and to answer well.
  const Account refused =
      account(Allowed::held_by_dead_worker, losses(3, 0, 0, 2), 21, 0);
  CHECK(refused.expected == 0);
  CHECK(refused.unexpected == 5);
}

}  // namespace
}  // namespace launch::bench
