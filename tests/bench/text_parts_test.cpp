#include "bench/report/text_parts.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("the heading names the app and the machine", "[text]") {
  CHECK(heading_text("demo", {"AMD EPYC", 2, "Linux 6.1.0",
                              8ULL * 1024 * 1024 * 1024, 0.25}) ==
        "demo on AMD EPYC, 2 cores, 8.00G of memory, Linux 6.1.0, load average "
        "0.25");
  CHECK(heading_text("a.so", {"", 1, "Linux", 1024 * 1024, 1}) ==
        "a.so on an unknown CPU, 1 core, 1.00M of memory, Linux, load average "
        "1.00");
}

TEST_CASE("contenders that failed alike are told once and together", "[text]") {
  using Lines = std::vector<std::string>;
  CHECK(failure_lines({}).empty());
  CHECK(failure_lines({{"a", FailureKind::start, "no database"},
                       {"b", FailureKind::start, "too slow"},
                       {"c", FailureKind::start, "no database"},
                       {"a", FailureKind::start, "no database"}}) ==
        Lines{"  a and c: no database", "  b: too slow"});
}

}  // namespace
}  // namespace launch::bench
