#include "bench/stats/ranking.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"

namespace launch::bench {
namespace {

Score score(std::string name, std::vector<double> by_round) {
  Score result{std::move(name), {}};
  int round = 0;
  for (double value : by_round) result.by_round[++round] = value;
  return result;
}

TEST_CASE("scores come best first", "[ranking]") {
  std::vector<Trial> trials;
  add(trials, {"slow", "plain", {100, 100}});
  add(trials, {"fast", "plain", {300, 300}});
  add(trials, {"fast", "block", {1, 1}});
  const auto scores = scores_of(trials, "plain");
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].contender == "fast");
  CHECK(scores[0].estimate() == Approx(300));
  CHECK(scores[1].by_round.at(2) == Approx(100));
}

TEST_CASE("a round without an answer takes a contender out", "[ranking]") {
  std::vector<Trial> trials;
  add(trials, {"broken", "plain", {500, 0}});
  add(trials, {"fast", "plain", {300, 300}});
  const auto scores = scores_of(trials, "plain");
  REQUIRE(scores.size() == 1);
  CHECK(scores[0].contender == "fast");
}

TEST_CASE("over workloads the geometric mean of each round counts",
          "[ranking]") {
  std::vector<Trial> trials;
  add(trials, {"a", "plain", {100, 400}});
  add(trials, {"a", "block", {4, 4}});
  add(trials, {"b", "plain", {100, 100}});
  const auto scores = overall_scores(trials, {"plain", "block"});
  REQUIRE(scores.size() == 1);  // b has no trial under block
  CHECK(scores[0].by_round.at(1) == Approx(20));
  CHECK(scores[0].by_round.at(2) == Approx(40));
  CHECK(overall_scores(trials, {}).empty());
}

TEST_CASE("over workloads only complete rounds count", "[ranking]") {
  std::vector<Trial> trials;
  add(trials, {"a", "plain", {100, 400}});
  add(trials, {"a", "block", {4}});
  const auto scores = overall_scores(trials, {"plain", "block"});
  REQUIRE(scores.size() == 1);
  CHECK(scores[0].by_round.size() == 1);
}

TEST_CASE("factors are formed round by round", "[ranking]") {
  const Estimate factor = factor_between(score("a", {200, 100, 400}),
                                         score("b", {100, 50, 200, 7}));
  CHECK(factor.estimate == Approx(2));
  CHECK(*factor.low == Approx(2));
  CHECK(factor_between(score("a", {}), score("b", {1})).estimate == 0);
}

TEST_CASE("a lead must be beyond doubt and beyond the margin", "[ranking]") {
  const Score base = score("base", {100, 100, 100, 100});
  CHECK(leads(score("clear", {120, 121, 119, 120}), base, 1));
  // The same to all rounds, but only 4 %.
  CHECK_FALSE(leads(score("little", {104, 104, 104, 104}), base, 1));
  // 20 % in the mean, but from -20 % to +80 %.
  CHECK_FALSE(leads(score("noisy", {80, 180, 100, 140}), base, 1));
  CHECK_FALSE(leads(score("once", {500}), base, 1));
}

TEST_CASE("more comparisons need more evidence", "[ranking]") {
  const Score base = score("base", {100, 100, 100});
  // The log ratios are about 0.14, 0.18, 0.22: mean 0.18, deviation 0.04, so
  // that t * 0.04 / sqrt(3) is 0.10 for one comparison (t = 4.3) and 0.25 for
  // ten (t = 14.1 with two degrees of freedom, 0.5 %): more than the lead.
  const Score other = score("other", {115.0, 119.7, 124.6});
  CHECK(leads(other, base, 1));
  CHECK_FALSE(leads(other, base, 10));
}

}  // namespace
}  // namespace launch::bench
