#include "modes/engine/deadlines.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

Patience patience(bool stopping = false) {
  return {.keep_alive = seconds{75},
          .keep_alive_drain = seconds{4},
          .head = milliseconds{1500},
          .body = {seconds{20}, 10'000},
          .write = {seconds{30}, 15'000},
          .stopping = stopping};
}

}  // namespace

TEST_CASE("each wait has its own limit", "[deadlines]") {
  CHECK(allowed(Waiting::first, patience()) == seconds{75});
  CHECK(allowed(Waiting::request, patience()) == seconds{75});
  CHECK(allowed(Waiting::head, patience()) == milliseconds{1500});
  CHECK(allowed(Waiting::body, patience()) == seconds{20});
  CHECK(allowed(Waiting::client, patience()) == seconds{30});
  CHECK(allowed(Waiting::end, patience()) == seconds{2});
  CHECK(allowed(Waiting::late, patience()) == seconds{2});
  CHECK(allowed(Waiting::handler, patience()) == milliseconds::max());
}

TEST_CASE("only idle connections have less time at the end", "[deadlines]") {
  CHECK(allowed(Waiting::first, patience(true)) == seconds{1});
  CHECK(allowed(Waiting::request, patience(true)) == seconds{4});
  CHECK(allowed(Waiting::head, patience(true)) == milliseconds{1500});
  CHECK(allowed(Waiting::body, patience(true)) == seconds{20});
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
  CHECK_FALSE(expired(Waiting::head, 2, patience()));
  CHECK(expired(Waiting::head, 3, patience()));
  CHECK_FALSE(expired(Waiting::request, 75, patience()));
  CHECK(expired(Waiting::request, 76, patience()));
  CHECK_FALSE(expired(Waiting::handler, 2'000'000'000, patience()));
  // It began in a tick that this sweep has not heard of.
  CHECK_FALSE(expired(Waiting::request, -1, patience()));
}

TEST_CASE("only what has a pace can keep it, each its own", "[deadlines]") {
  struct Row {
    Waiting waiting;
    std::uint32_t progress;
    std::uint32_t mark;
    bool keeps;
  };
  for (const Row& row : {
           Row{Waiting::body, 9'999, 0, false},
           Row{Waiting::body, 10'000, 0, true},
           Row{Waiting::body, 14'000, 5'000, false},
           Row{Waiting::body, 15'000, 5'000, true},
           Row{Waiting::client, 14'999, 0, false},
           Row{Waiting::client, 15'000, 0, true},
           // The counts begin again at 2^32.
           Row{Waiting::body, 9'000, 4'294'966'296, true},
           Row{Waiting::body, 8'999, 4'294'966'296, false},
           // A count that steps back is no progress.
           Row{Waiting::client, 4'000, 5'000, false},
           Row{Waiting::head, 1'000'000, 0, false},
           Row{Waiting::request, 1'000'000, 0, false},
           Row{Waiting::handler, 1'000'000, 0, false},
           Row{Waiting::end, 1'000'000, 0, false},
           Row{Waiting::late, 1'000'000, 0, false},
       }) {
    CAPTURE(static_cast<int>(row.waiting), row.progress, row.mark);
    CHECK(keeps_pace(row.waiting, row.progress, row.mark, patience()) ==
          row.keeps);
  }
}

TEST_CASE("a pace is a rate over a time, and a byte at least", "[deadlines]") {
  CHECK(pace_of(seconds{30}, 500).bytes == 15'000);
  CHECK(pace_of(milliseconds{1500}, 3).bytes == 4);  // 4.5
  CHECK(pace_of(milliseconds{1}, 1).bytes == 1);
  CHECK(pace_of(seconds{86'400}, 1'000'000'000).bytes == 2'147'483'647);
}
