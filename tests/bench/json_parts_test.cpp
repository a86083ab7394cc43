#include "bench/report/json_parts.hpp"

#include <limits>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("what is unknown is null", "[json]") {
  CHECK(number(1.5) == 1.5);
  CHECK(number(std::numeric_limits<double>::quiet_NaN()).is_null());
  CHECK(number(std::numeric_limits<double>::infinity()).is_null());
  CHECK(number(std::optional<double>{}).is_null());
  CHECK(name_or_null("").is_null());
  CHECK(name_or_null("a") == "a");
  CHECK(to_json(Percentiles{}).at("p99").is_null());
}

TEST_CASE("a contender without a mode has null there", "[json]") {
  Contender contender;
  contender.name = "nginx";
  contender.argv = {"nginx"};
  CHECK(to_json(contender).at("mode").is_null());
  contender.mode = "single";
  CHECK(to_json(contender).at("mode") == "single");
}

TEST_CASE("rows become an array in their order", "[json]") {
  const std::vector<int> rows{3, 1};
  CHECK(array_of(rows, [](int row) { return Json(row * 2); }) ==
        Json::array({6, 2}));
  CHECK(array_of(std::vector<int>{}, [](int row) { return Json(row); }) ==
        Json::array());
}

TEST_CASE("bytes that are no UTF-8 are replaced", "[json]") {
  CHECK(file_text(Json("a\xff")) == "\"a\xef\xbf\xbd\"\n");
}

}  // namespace
}  // namespace launch::bench
