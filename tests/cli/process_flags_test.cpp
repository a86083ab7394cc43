#include "cli/process_flags.hpp"

#include <unistd.h>

#include <filesystem>

#include "cli/command.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_file.hpp"

using namespace launch;
using namespace launch::cli;
using Catch::Matchers::StartsWith;

namespace {

ProcessPlan plan_of(const std::string& command_line) {
  CLI::App app;
  ProcessFlags flags;
  add_process_flags(app, flags);
  app.parse(command_line);
  return process_plan(flags);
}

std::string refusal_of(const std::string& command_line) {
  try {
    plan_of(command_line);
    return {};
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("without flags a process keeps its rights and writes no files",
          "[process_flags]") {
  const ProcessPlan plan = plan_of("");
  CHECK(plan.env_file.empty());
  CHECK(plan.pid_file.empty());
  CHECK(plan.ready_file.empty());
  CHECK_FALSE(plan.identity.has_value());
}

TEST_CASE("files are found from wherever the app changes to",
          "[process_flags]") {
  const ProcessPlan plan =
      plan_of("--pid-file run/app.pid --ready-file /run/ready.json");
  CHECK(plan.pid_file ==
        (std::filesystem::current_path() / "run/app.pid").string());
  CHECK(plan.ready_file == "/run/ready.json");
}

TEST_CASE("an environment file is checked before anything starts",
          "[process_flags]") {
  const TemporaryFile file;
  file.write("A=1\n");
  CHECK(plan_of("--env-file " + file.path()).env_file == file.path());
  file.write("A=1\nB\n");
  CHECK_THAT(refusal_of("--env-file " + file.path()),
             StartsWith("--env-file: " + file.path() + ":2: is no variable"));
  CHECK(refusal_of("--env-file /none") ==
        "--env-file: the environment file /none cannot be read: No such file "
        "or directory");
}

TEST_CASE("a user is refused that is none, or that only root can become",
          "[process_flags]") {
  CHECK_THAT(refusal_of("--user no-such-user"),
             StartsWith("--user no-such-user: "));
  if (::geteuid() == 0)
    CHECK(plan_of("--user 1 --group 2").identity->group == 2);
  else
    CHECK_THAT(refusal_of("--group 64123"), StartsWith("--group 64123: only"));
}
