#include "modes/http/request_id.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("an id is the worker's prefix and a count", "[request_id]") {
  RequestIds ids{0xab};
  CHECK(ids.next() == "00000000000000ab-1");
  CHECK(ids.next() == "00000000000000ab-2");
  for (int i = 3; i < 16; ++i) ids.next();
  CHECK(ids.next() == "00000000000000ab-10");
  CHECK(well_formed_request_id(ids.next()));
}

TEST_CASE("workers and restarts have prefixes of their own", "[request_id]") {
  std::set<std::uint64_t> prefixes;
  for (int i = 0; i < 100; ++i) prefixes.insert(RequestIds::random_prefix());
  CHECK(prefixes.size() == 100);
}

TEST_CASE("another server's id must be a short token", "[request_id]") {
  CHECK(well_formed_request_id("7b1c4f9e-1d2c-4f6a-8e55-0a1b2c3d4e5f"));
  CHECK(well_formed_request_id("a_b.c~1"));
  CHECK(well_formed_request_id(std::string(128, 'x')));
  CHECK_FALSE(well_formed_request_id(std::string(129, 'x')));
  for (const char* id : {"", "a b", "a\"b", "a\nb", "a, b", "a=b", "\xc3\xa9",
                         "a\\b", "a;b", "a/b", "a\x1b[31m"}) {
    CAPTURE(id);
    CHECK_FALSE(well_formed_request_id(id));
  }
}
