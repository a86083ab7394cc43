#include "bench/report/units.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("numbers have three digits", "[units]") {
  CHECK(number_text(1.934) == "1.93");
  CHECK(number_text(9.996) == "10.0");
  CHECK(number_text(15.64) == "15.6");
  CHECK(number_text(156.4) == "156");
  CHECK(number_text(0) == "0.00");
  CHECK(number_text(1.5e300) == "1.50e+300");
}

TEST_CASE("percentages show a decimal near none and all", "[units]") {
  CHECK(percent_text(0.97) == "97 %");
  CHECK(percent_text(0.006) == "0.6 %");
  CHECK(percent_text(0.994) == "99.4 %");
  CHECK(percent_text(0) == "0 %");
  CHECK(percent_text(1) == "100 %");
}

TEST_CASE("durations change their unit", "[units]") {
  CHECK(duration_text(812) == "812us");
  CHECK(duration_text(999.7) == "1.00ms");
  CHECK(duration_text(1234) == "1.23ms");
  CHECK(duration_text(10'200'000) == "10.2s");
}

TEST_CASE("bytes count in powers of 1024", "[units]") {
  CHECK(bytes_text(640 * 1024) == "640K");
  CHECK(bytes_text(12'900'000) == "12.3M");
  CHECK(bytes_text(1'610'612'736) == "1.50G");
}

TEST_CASE("lists end with an and", "[units]") {
  CHECK(list_text({}).empty());
  CHECK(list_text({"a"}) == "a");
  CHECK(list_text({"a", "b"}) == "a and b");
  CHECK(list_text({"a", "b", "c"}) == "a, b and c");
}

TEST_CASE("counts are written in groups of three digits", "[units]") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1000) == "1 000");
  CHECK(count_text(48'211) == "48 211");
  CHECK(count_text(1'234'567) == "1 234 567");
}

}  // namespace
}  // namespace launch::bench
