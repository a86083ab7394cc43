#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bench/program.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using Catch::Matchers::Contains;

std::string bare_server() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() /
         "bare_server";
}

/// What a table of the output says: by "LABEL CONTENDER", then by column.
using Table = std::map<std::string, std::map<std::string, std::string>>;

Table read_table(const std::string& output) {
  Table table;
  std::vector<std::string> columns;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string label;
    std::string name;
    words >> label >> name;
    if (label == "round")
      columns = {std::istream_iterator<std::string>(words), {}};
    else
      for (const std::string& column : columns)
        words >> table[label + ' ' + name][column];
  }
  return table;
}

TEST_CASE("a server is measured in turn with the bare one", "[limit]") {
  Program limit("limit", {"--rounds", "2", "--duration-ms", "400", "--",
                          bare_server(), "--port", "{port}"});
  const std::string output = limit.rest();
  INFO(output);
  CHECK(limit.exit_code() == 0);
  CHECK_THAT(output, Contains("server on core ") &&
                         Contains("64 keep-alive connections") &&
                         Contains("\n       1 ") && Contains("\n       2 ") &&
                         Contains("\n  median "));
}

TEST_CASE("several servers are compared, each under its own workload",
          "[limit]") {
  const std::string bare = bare_server();
  Program limit("limit", {"--rounds",     "1",      "--duration-ms",
                          "400",          "--name", "small",
                          "--",           bare,     "--port",
                          "{port}",       "--and",  "--connections",
                          "100",          "--idle", "50",
                          "--body-bytes", "20000",  "--name",
                          "large",        "--",     bare,
                          "--port",       "{port}", "--body-bytes",
                          "20000"});
  const std::string output = limit.rest();
  INFO(output);
  REQUIRE(limit.exit_code() == 0);
  Table table = read_table(output);
  auto& small = table["median small"];
  auto& large = table["median large"];
  CHECK(small["us:x"] == "1.000");
  CHECK(small["bare:x"] == "1.000");
  CHECK(small["B/idle"] == "-");
  CHECK(std::stod(small["req/s"]) > 0);
  CHECK(std::stod(large["us/req"]) > 0);
  CHECK(std::stod(large["B/idle"]) < 100'000);
  CHECK(table["1 large"] == large);
}

TEST_CASE("without a reference there is nothing relative to it", "[limit]") {
  Program limit("limit",
                {"--rounds", "1", "--duration-ms", "400", "--share-cores",
                 "--no-reference", "--header", "X-Test: 1", "--", bare_server(),
                 "--port", "{port}"});
  const std::string output = limit.rest();
  INFO(output);
  REQUIRE(limit.exit_code() == 0);
  Table table = read_table(output);
  auto& figures = table["median bare_server"];
  CHECK(figures["bare"] == "-");
  CHECK(figures["ratio"] == "-");
  CHECK(figures["added-us"] == "-");
  CHECK(std::stod(figures["us/req"]) > 0);
}

TEST_CASE("an answer of another size than the reference's is an error",
          "[limit]") {
  Program limit(
      "limit", {"--body-bytes", "14", "--", bare_server(), "--port", "{port}"});
  const std::string output = limit.rest();
  CHECK(limit.exit_code() == 1);
  CHECK_THAT(output, Contains("the answer to / has 13 bytes of body, where "
                              "--body-bytes says 14"));
}

TEST_CASE("fast requests are timed beside a blocked one", "[limit]") {
  // This one blocks nowhere, so that few or none of them are sent.
  Program limit("limit", {"--beside", "/slow", "--name", "bare", "--",
                          bare_server(), "--port", "{port}"});
  const std::string output = limit.rest();
  INFO(output);
  CHECK(limit.exit_code() == 0);
  CHECK_THAT(output, Contains("bare: ") &&
                         Contains(" requests of / under 50 ms while one of "
                                  "/slow ran, the slowest "));
}

TEST_CASE("a command that does not serve is an error in words", "[limit]") {
  Program limit("limit", {"--rounds", "1", "--", "false", "{port}"});
  const std::string output = limit.rest();
  CHECK(limit.exit_code() == 1);
  CHECK_THAT(output, Contains("limit: false ended before it listened") &&
                         Contains("exit code 1"));
}

TEST_CASE("without anything to measure there is advice", "[limit]") {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"--rounds", "0", "--generator"},
      {"--rounds"},
      {"--", "server", "without", "port"},
      {"--generator", "--", "server", "{port}"},
      {"--rounds", "x", "--path", "/", "--", "server", "{port}"},
      {"--header", "no colon", "--", "server", "{port}"},
      {"--name", "two words", "--", "server", "{port}"},
      {"--", "server", "{port}", "--and"},
      {"--", "server", "{port}", "--and", "--"},
      {"--beside", "/slow", "--generator"},
      {"--beside", "/slow", "--", "a", "{port}", "--and", "--", "b", "{port}"},
      {"--surprise"}};
  for (const auto& arguments : wrong) {
    Program limit("limit", arguments);
    CHECK_THAT(limit.rest(), Contains("usage: limit"));
    CHECK(limit.exit_code() == 2);
  }
}

}  // namespace
}  // namespace launch::bench
