#include "modes/http/date.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("a response is dated as RFC 9110 says", "[date]") {
  DateLine date;
  // The example of RFC 9110 5.6.7.
  CHECK(date.at(784'111'777) == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(date.at(784'111'777) == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(date.at(0) == "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
  // A leap day, and the last second of a year.
  CHECK(date.at(951'782'400) == "Date: Tue, 29 Feb 2000 00:00:00 GMT\r\n");
  CHECK(date.at(1'798'761'599) == "Date: Thu, 31 Dec 2026 23:59:59 GMT\r\n");
}
