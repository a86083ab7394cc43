// What the comparison must find on any machine that is not too busy to tell.
// Tagged [benchmark]: a sanitizer would be measured instead.

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
using nlohmann::json;

namespace {

json measure(const std::string& workload, const std::string& duration) {
  const Folder folder;
  const std::string out = folder.file("out.json");
  Program program({"bench", "--compare-all", "--workload", workload, "--rounds",
                   "3", "-d", duration, "--warmup", "150ms", "--json", out});
  REQUIRE(program.exit_code(seconds{90}) == 0);
  return json::parse(read_file(out));
}

const json& row_of(const json& report, const std::string& contender) {
  for (const json& row : report.at("summary"))
    if (row.at("contender") == contender) return row;
  throw std::runtime_error("there is no " + contender);
}

/// Requests per second relative to single.
double factor(const json& report, const std::string& contender) {
  const auto rate = [&](const std::string& name) {
    return row_of(report, name)
        .at("requests_per_second")
        .at("estimate")
        .get<double>();
  };
  return rate(contender) / rate("single-1x1");
}

/// Whether the report itself says that something else was the limit.
bool tells_of_disturbance(const json& report,
                          const std::vector<std::string>& contenders) {
  for (const std::string warning : report.at("warnings"))
    for (const char* reason : {"busy", "generator"})
      if (count(warning, reason) > 0) return true;
  for (const std::string& name : contenders)
    if (row_of(report, name).at("generator").at("bound") != "server")
      return true;
  return false;
}

}  // namespace

TEST_CASE("sixteen threads serve blocked handlers 14 times as fast as one",
          "[benchmark]") {
  double best = 0;
  for (int attempt = 0; attempt < 3 && best < 14; ++attempt) {
    const json report = measure("block", "750ms");
    best = std::max(best, factor(report, "thread-pool-1x16"));
    const std::string reason = report.at("verdicts").at(0).at("reason");
    CHECK_THAT(reason, Catch::Matchers::Contains("blocked"));
  }
  CHECK(best >= 14);
}

TEST_CASE("two processes or threads use two cores, or the output says why not",
          "[benchmark]") {
  const std::vector<std::string> contenders{"prefork-2x1", "thread-pool-1x2"};
  bool reached = false;
  bool told = true;
  std::string measured;
  for (int attempt = 0; attempt < 3 && !reached; ++attempt) {
    const json report = measure("cpu", "500ms");
    if (report.at("machine").at("cores") != 2) {
      WARN("this machine has not two cores");
      return;
    }
    reached = true;
    for (const std::string& name : contenders) {
      const double times = factor(report, name);
      measured += name + ": " + std::to_string(times) + "; ";
      if (times < 1.7) reached = false;
    }
    if (!reached && !tells_of_disturbance(report, contenders)) told = false;
  }
  INFO(measured);
  if (!reached) WARN("the machine was busy: " << measured);
  CHECK((reached || told));
}
