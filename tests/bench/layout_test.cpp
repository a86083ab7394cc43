#include "bench/report/layout.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

std::vector<Column> columns() {
  return {{"name", true, 0, {"a", "longer"}},
          {"n", false, 0, {"1", "10"}},
          {"rare", false, 2, {"x", "y"}},
          {"less", false, 1, {"p", "q"}}};
}

TEST_CASE("columns are as wide as their widest cell", "[layout]") {
  CHECK(layout_table(columns(), 80).lines ==
        std::vector<std::string>{"name    n rare less",  //
                                 "a       1    x    p",  //
                                 "longer 10    y    q"});
}

TEST_CASE("what does not fit goes by rank", "[layout]") {
  const TableText table = layout_table(columns(), 18);
  CHECK(table.dropped == std::vector<std::string>{"rare"});
  CHECK(table.lines.front() == "name    n less");
  const TableText narrow = layout_table(columns(), 3);
  CHECK(narrow.dropped == std::vector<std::string>{"rare", "less"});
  CHECK(narrow.lines.front() == "name    n");
}

TEST_CASE("a sign of several bytes takes one place", "[layout]") {
  CHECK(display_width("±5%") == 3);
  CHECK(layout_table({{"s", false, 0, {"±5%", "none"}}}, 80).lines[1] ==
        " ±5%");
}

TEST_CASE("text is broken between words", "[layout]") {
  CHECK(wrap("one two three four", 9, 2) == "one two\n  three\n  four");
  CHECK(wrap("one two", 7, 0) == "one two");
  CHECK(wrap("unbreakable", 4, 2) == "unbreakable");
  CHECK(wrap("", 10, 0).empty());
}

TEST_CASE("spaces before the text indent its first line", "[layout]") {
  CHECK(wrap("  one two", 7, 4) == "  one\n    two");
}

}  // namespace
}  // namespace launch::bench
