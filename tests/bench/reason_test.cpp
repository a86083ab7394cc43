#include "bench/compare/reason.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"

namespace launch::bench {
namespace {

/// Two contenders on two cores; the first one is recommended.
struct Story {
  Contender winner = contender("single", 1, 1);
  Contender other = contender("prefork", 2, 1);
  Summary of_winner;
  Summary of_other;

  Facts facts() const {
    Facts facts;
    facts.outcome = VerdictOutcome::no_clear_winner;
    facts.cores = 2;
    facts.rounds = 5;
    facts.factor.estimate = 0.98;
    facts.winner = {&winner, &of_winner};
    facts.compared_to = {&other, &of_other};
    facts.baseline = facts.winner;
    facts.rival = facts.compared_to;
    facts.ties = {other.name};
    facts.measured = {facts.compared_to, facts.winner};
    return facts;
  }
};

TEST_CASE("a generator that shares the cores explains why more do not help",
          "[reason]") {
  Story story;
  story.of_winner.busy_share = 0.97;
  story.of_winner.pss_bytes = 4'000'000;
  story.of_other.busy_share = 0.65;  // of two cores: 1.30
  story.of_other.generator_cpu_share = 0.62;
  story.of_other.pss_bytes = 8'400'000;
  CHECK(reason_for(story.facts()) ==
        "the load generator shares the 2 cores (it takes 0.62, prefork-2x1 "
        "1.30), so more threads than the 1 of single-1x1 find no free core, "
        "and prefork-2x1 needs 2.10 times the memory for the same");
}

TEST_CASE("without a special reason the numbers speak", "[reason]") {
  Story story;
  story.of_winner.busy_share = 0.6;
  story.of_other.busy_share = 0.3;
  CHECK(reason_for(story.facts()) ==
        "single-1x1 (1 thread) serves 0.98 times as many requests as "
        "prefork-2x1 (2); its threads burn CPU 60 % of the time, and "
        "prefork-2x1 needs 2 processes for the same");
}

TEST_CASE("waiting for the generator is not blocking", "[reason]") {
  Story story;
  story.winner = contender("thread-pool", 1, 16);
  story.other = contender("single", 1, 1);
  story.of_winner.bound = Bound::server;
  story.of_other.bound = Bound::neither;
  story.of_other.busy_share = 0.4;
  Facts facts = story.facts();
  facts.factor.estimate = 1.5;
  facts.baseline = facts.compared_to;
  CHECK_THAT(reason_for(facts), !Catch::Contains("blocked"));
  story.of_other.bound = Bound::server;
  CHECK_THAT(reason_for(facts), Catch::Contains("blocked 60 % of the time"));
}

TEST_CASE("many cores are counted, not called the second", "[reason]") {
  Story story;
  story.winner = contender("prefork", 4, 1);
  story.other = contender("single", 1, 1);
  story.of_other.busy_share = 0.99;
  Facts facts = story.facts();
  facts.cores = 4;
  facts.factor.estimate = 3.8;
  facts.baseline = facts.compared_to;
  facts.rival = {};
  facts.ties = {};
  CHECK(reason_for(facts) ==
        "the handlers keep a core 99 % busy, so more processes use 4 cores: "
        "prefork-4x1 (4 threads) serves 3.80 times as many requests as "
        "single-1x1 (1)");
}

TEST_CASE("the overall sentence names what it stands on", "[reason]") {
  OverallFacts facts;
  facts.rounds = 5;
  facts.winner = "prefork-2x8";
  facts.compared_to = "single-1x1";
  facts.factor.estimate = 3.1;
  facts.workloads = {"cpu", "block", "mixed"};
  facts.best_in = {"block"};
  facts.ties = {"thread-pool-1x16"};
  CHECK(overall_reason_for(facts) ==
        "over cpu, block and mixed prefork-2x8 serves 3.10 times as many "
        "requests as single-1x1 (geometric mean), best or as good as the best "
        "in block; not told apart from thread-pool-1x16");
}

}  // namespace
}  // namespace launch::bench
