#include "cli/progress.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"

using namespace launch;
using namespace launch::cli;
using Style = ProgressLine::Style;

namespace {

/// What the progress of two trials and a failure looks like.
std::string drawn(Style style) {
  return run_in_child([style] {
           ProgressLine progress{style, 3};
           progress.on_trial("single-1x1", "plain", 1, 0, 4, seconds{90});
           progress.on_trial("single-1x1", "cpu", 1, 1, 4, seconds{60});
           progress.on_failure(
               {"prefork-2x1", bench::FailureKind::death, "it is gone"});
           progress.on_trial("single-1x1", "cpu", 2, 2, 4,
                             milliseconds{29'600});
         })
      .error_text;
}

}  // namespace

TEST_CASE("a bar fills from left to right", "[progress]") {
  CHECK(progress_bar(0, 4, 8) == "[........]");
  CHECK(progress_bar(1, 4, 8) == "[##......]");
  CHECK(progress_bar(3, 7, 8) == "[###.....]");
  CHECK(progress_bar(4, 4, 8) == "[########]");
  CHECK(progress_bar(0, 0, 8) == "[........]");
  CHECK(progress_bar(5, 4, 8) == "[########]");
  CHECK(progress_bar(1, 2, 0) == "[]");
}

TEST_CASE("on a terminal one line changes and is gone at the end",
          "[progress]") {
  CHECK(drawn(Style::terminal) ==
        "\r\x1b[K[....................]  90 s left  round 1/3  single-1x1 "
        "plain"
        "\r\x1b[K[#####...............]  60 s left  round 1/3  single-1x1 cpu"
        "\r\x1b[Klaunch: prefork-2x1: it is gone\n"
        "\r\x1b[K[##########..........]  30 s left  round 2/3  single-1x1 cpu"
        "\r\x1b[K");
}

TEST_CASE("elsewhere there is a line per started contender", "[progress]") {
  CHECK(drawn(Style::lines) ==
        "round 1/3  single-1x1               90 s left\n"
        "launch: prefork-2x1: it is gone\n"
        "round 2/3  single-1x1               30 s left\n");
}

TEST_CASE("quiet progress still tells of failures", "[progress]") {
  CHECK(drawn(Style::none) == "launch: prefork-2x1: it is gone\n");
}
