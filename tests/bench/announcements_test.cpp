#include "bench/compare/announcements.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("a ready line says where the server answers", "[announcements]") {
  const auto address = parse_ready_line(
      R"({"pid":1,"mode":"prefork","addresses":["http://127.0.0.1:8042"],)"
      R"("workers":[{"id":1,"pid":2}]})");
  REQUIRE(address);
  CHECK(address->host == "127.0.0.1");
  CHECK(address->port == 8042);
}

TEST_CASE("the brackets of an IPv6 address are taken off", "[announcements]") {
  const auto address = parse_url("http://[::1]:80/");
  REQUIRE(address);
  CHECK(address->host == "::1");
  CHECK(address->port == 80);
}

TEST_CASE("what is no ready line is none", "[announcements]") {
  const char* lines[]{"",
                      "ready",
                      "[1]",
                      "{}",
                      R"({"addresses":[]})",
                      R"({"addresses":"http://127.0.0.1:80"})",
                      R"({"addresses":[7]})",
                      R"({"addresses":["http://127.0.0.1:80"])",
                      R"({"addresses":["unix:/run/app"]})",
                      R"({"addresses":["http://127.0.0.1"]})",
                      R"({"addresses":["http://:80"]})",
                      R"({"addresses":["http://127.0.0.1:0"]})",
                      R"({"addresses":["http://127.0.0.1:70000"]})",
                      R"({"addresses":["http://127.0.0.1:8o"]})"};
  for (const char* line : lines) {
    INFO(line);
    CHECK_FALSE(parse_ready_line(line));
  }
}

TEST_CASE("a counts line holds every worker", "[announcements]") {
  const auto workers = parse_counts_line(
      R"({"workers":[{"id":1,"pid":7,"requests":9,"accepted":2,)"
      R"("connections":1},{"id":2,"pid":8,"requests":0,"accepted":0,)"
      R"("connections":0}]})");
  REQUIRE(workers);
  REQUIRE(workers->size() == 2);
  CHECK(workers->front().pid == 7);
  CHECK(workers->front().requests == 9);
  CHECK(workers->front().accepted == 2);
  CHECK(workers->front().connections == 1);
  CHECK(workers->back().id == 2);
}

TEST_CASE("what is no counts line is none", "[announcements]") {
  for (const char* line :
       {"", "{}", R"({"workers":[{"id":1}]})", R"({"workers":[7]})",
        R"({"workers":[{"id":"x","pid":7,"requests":9,"accepted":2,)"
        R"("connections":1}]})",
        R"({"workers":[{"id":1,"pid":7,"requests":9,)"}) {
    INFO(line);
    CHECK_FALSE(parse_counts_line(line));
  }
}

}  // namespace
}  // namespace launch::bench
