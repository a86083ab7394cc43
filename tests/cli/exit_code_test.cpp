#include "cli/exit_code.hpp"

#include <set>
#include <string>

#include "cli/command.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"

using namespace launch;
using namespace launch::cli;

TEST_CASE("exit codes are those that scripts rely on", "[exit]") {
  CHECK(static_cast<int>(ExitCode::ok) == 0);
  CHECK(static_cast<int>(ExitCode::failed) == 1);
  CHECK(static_cast<int>(ExitCode::usage) == 2);
  CHECK(static_cast<int>(ExitCode::app_failed) == 3);
  CHECK(static_cast<int>(ExitCode::crash_loop) == 4);
  CHECK(static_cast<int>(ExitCode::threshold_missed) == 10);
  CHECK(static_cast<int>(ExitCode::inconclusive) == 11);
  CHECK(static_cast<int>(ExitCode::invalid) == 12);
  CHECK(static_cast<int>(ExitCode::requests_lost) == 13);
  CHECK(static_cast<int>(ExitCode::interrupted) == 130);
}

TEST_CASE("the table has each code once, in order, with a meaning", "[exit]") {
  std::set<int> codes;
  for (const ExitCodeRow& row : kExitCodes) {
    const int code = static_cast<int>(row.code);
    CHECK((codes.empty() || code > *codes.rbegin()));
    codes.insert(code);
    CHECK_FALSE(row.meaning.empty());
    CHECK(exit_code_help().find(std::string(row.meaning)) != std::string::npos);
  }
  CHECK(codes == std::set<int>{0, 1, 2, 3, 4, 13, 130});
}

TEST_CASE("each outcome of serving has its exit code", "[exit]") {
  CHECK(exit_code_of(Outcome::stopped) == ExitCode::ok);
  CHECK(exit_code_of(Outcome::failed) == ExitCode::failed);
  CHECK(exit_code_of(Outcome::app_failed) == ExitCode::app_failed);
  CHECK(exit_code_of(Outcome::crash_loop) == ExitCode::crash_loop);
}

TEST_CASE("a result is reported as one sentence, or not at all", "[exit]") {
  const auto reported = [](const ServeResult& result) {
    return run_in_child([&] { report(result); }).error_text;
  };
  CHECK(reported({Outcome::failed, "the port is taken"}) ==
        "launch: the port is taken\n");
  CHECK(reported({}).empty());
  CHECK(report({}) == ExitCode::ok);
}
