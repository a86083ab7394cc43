#include "bench/compare/start_command.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using Argv = std::vector<std::string>;

TEST_CASE("our own server gets a port and its descriptors", "[start]") {
  Contender contender;
  contender.argv = {"launch", "demo"};
  CHECK(start_command(contender) == Argv{"launch", "demo", "--port", "0",
                                         "--ready-fd", "200", "--stats-fd",
                                         "201"});
  contender.port = 8123;
  CHECK(start_command(contender)[3] == "8123");
}

TEST_CASE("a foreign one is told host and port where it asks for them",
          "[start]") {
  Contender contender;
  contender.foreign = true;
  contender.port = 8123;
  contender.argv = {"server", "--bind={host}:{port}", "{port}{port}",
                    "{other}"};
  CHECK(start_command(contender) ==
        Argv{"server", "--bind=127.0.0.1:8123", "81238123", "{other}"});
}

TEST_CASE("a value that looks like a placeholder is left alone", "[start]") {
  CHECK(with_placeholder("{a}-{a}", "a", "{a}") == "{a}-{a}");
  CHECK(with_placeholder("", "a", "x").empty());
}

}  // namespace
}  // namespace launch::bench
