#include "cli/table.hpp"

#include "tests/support/catch.hpp"

using namespace launch::cli;

namespace {

const std::vector<TableColumn> kColumns{
    {"id", true, {"1", "22"}},
    {"name", false, {"a", "longer"}},
    {"count", true, {"7", "123456"}},
};

}  // namespace

TEST_CASE("columns stand side by side", "[table]") {
  CHECK(table(kColumns, 0) ==
        "id  name     count\n"
        " 1  a            7\n"
        "22  longer  123456\n");
  CHECK(table(kColumns, 18) == table(kColumns, 0));
}

TEST_CASE("columns that do not fit follow below", "[table]") {
  CHECK(table(kColumns, 17) ==
        "id  name\n"
        " 1  a\n"
        "22  longer\n"
        "\n"
        "id   count\n"
        " 1       7\n"
        "22  123456\n");
}

TEST_CASE("a table that is too narrow for anything shows all of it",
          "[table]") {
  CHECK(table(kColumns, 1) == table(kColumns, 17));
}

TEST_CASE("a table may have no rows", "[table]") {
  CHECK(table({{"id", true, {}}, {"name", false, {}}}, 80) == "id  name\n");
}
