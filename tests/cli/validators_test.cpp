#include "cli/validators.hpp"

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

/// What a validator says to `text`; empty when it accepts it.
std::string said(const CLI::Validator& validator, std::string text) {
  return validator(text);
}

}  // namespace

TEST_CASE("a name is one of the table's, letter by letter", "[validators]") {
  const auto validator = one_of("mode", {"single", "prefork"});
  CHECK(said(validator, "prefork").empty());
  CHECK(said(validator, "Prefork") ==
        "\"Prefork\" is no mode: use one of single, prefork");
  CHECK_FALSE(said(validator, "").empty());
}

TEST_CASE("a whole number is decimal and within its bounds", "[validators]") {
  const auto validator = whole_number(1, 100);
  for (const std::string good : {"1", "42", "100"})
    CHECK(said(validator, good).empty());
  for (const std::string bad : {"", "0", "101", "-1", "+1", " 1", "1 ", "1.0",
                                "0x10", "010", "one", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(said(validator, bad) ==
          "\"" + bad + "\" is not a whole number from 1 to 100");
  }
}

TEST_CASE("a time has a unit, or is in seconds", "[validators]") {
  CHECK(parse_duration("-t", "30") == seconds{30});
  CHECK(parse_duration("-t", "30s") == seconds{30});
  CHECK(parse_duration("-t", "1.5s") == milliseconds{1500});
  CHECK(parse_duration("-t", "500ms") == milliseconds{500});
  CHECK(parse_duration("-t", "2m") == seconds{120});
  CHECK(parse_duration("-t", "1ms") == milliseconds{1});
  CHECK(parse_duration("-t", "24m") == seconds{1440});
  CHECK(parse_duration("-t", "86400") == seconds{86'400});
}

TEST_CASE("what is no time is refused with the flag's name", "[validators]") {
  for (const std::string bad :
       {"", "0", "0ms", "-5s", "0.5ms", "s", "ms", "30 s", "30h", "30S", "1s2",
        "nan", "inf", "86401", "1e300"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(parse_duration("--duration", bad),
                      "--duration: \"" + bad +
                          "\" is not a time from 1ms to 24 hours: write, say, "
                          "30s, 500ms or 2m");
  }
}

TEST_CASE("a size is bytes, with K, M or G as powers of 1024", "[validators]") {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  CHECK(parse_size("--size", "1", kMost) == 1);
  CHECK(parse_size("--size", "8192", kMost) == 8192);
  CHECK(parse_size("--size", "64K", kMost) == 65'536);
  CHECK(parse_size("--size", "8M", kMost) == 8'388'608);
  CHECK(parse_size("--size", "2G", kMost) == 2'147'483'648);
  CHECK(parse_size("--size", "1024G", kMost) == kMost);
  for (const std::string bad :
       {"", "0", "0K", "-1", "1.5M", "64k", "64KB", "64 K", "K", "1025G",
        "99999999999999999999", "18446744073709551615G"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(parse_size("--size", bad, kMost),
                      "--size: \"" + bad +
                          "\" is not a size from 1 to 1099511627776 bytes: "
                          "write, say, 8192, 64K or 2M");
  }
}

TEST_CASE("a count is a whole number of at least one", "[validators]") {
  CHECK(parse_count("--count", "1", 100) == 1);
  CHECK(parse_count("--count", "100", 100) == 100);
  for (const std::string bad : {"", "0", "101", "-1", "1K", "1.0", " 1"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(
        parse_count("--count", bad, 100),
        "--count: \"" + bad + "\" is not a whole number from 1 to 100");
  }
}
