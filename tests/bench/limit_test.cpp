#include <filesystem>
#include <string>

#include "tests/bench/program.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using Catch::Matchers::Contains;

std::string bare_server() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() /
         "bare_server";
}

TEST_CASE("a server is measured against the bare one in pairs", "[limit]") {
  Program limit("limit", {"--pairs", "2", "--duration-ms", "400", "--",
                          bare_server(), "--port", "{port}"});
  const std::string output = limit.rest();
  INFO(output);
  CHECK(limit.exit_code() == 0);
  CHECK_THAT(output, Contains("server on core ") &&
                         Contains("64 keep-alive connections") &&
                         Contains("\n       1 ") && Contains("\n       2 ") &&
                         Contains("\n  median "));
}

TEST_CASE("a command that does not serve is an error in words", "[limit]") {
  Program limit("limit", {"--pairs", "1", "--", "false", "{port}"});
  const std::string output = limit.rest();
  CHECK(limit.exit_code() == 1);
  CHECK_THAT(output, Contains("limit: false ended before it listened") &&
                         Contains("exit code 1"));
}

TEST_CASE("without anything to measure there is advice", "[limit]") {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"--pairs", "0", "--generator"},
      {"--pairs"},
      {"--", "server", "without", "port"},
      {"--generator", "--", "server", "{port}"},
      {"--surprise"}};
  for (const auto& arguments : wrong) {
    Program limit("limit", arguments);
    CHECK_THAT(limit.rest(), Contains("usage: limit"));
    CHECK(limit.exit_code() == 2);
  }
}

}  // namespace
}  // namespace launch::bench
