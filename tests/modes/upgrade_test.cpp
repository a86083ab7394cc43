#include "modes/supervisor/upgrade.hpp"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

bool verdict_of(const std::string& script) {
  const TemporaryFolder folder;
  const std::string program = folder.file("program");
  std::ofstream(program) << "#!/bin/sh\n" << script << '\n';
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  Upgrade upgrade{program, {"launch", "first", "second"}};
  REQUIRE(becomes_readable(upgrade.pidfd()));
  const auto verdict = upgrade.take_verdict(Clock::now());
  REQUIRE(verdict);
  return *verdict;
}

}  // namespace

TEST_CASE("a program that says so can take over", "[upgrade]") {
  CHECK(verdict_of("exit 0"));
  CHECK_FALSE(verdict_of("exit 1"));
  CHECK_FALSE(verdict_of("kill -9 $$"));
}

TEST_CASE("it is asked with our command line, as a check", "[upgrade]") {
  CHECK(verdict_of(R"([ "$1 $2 $LAUNCH_HANDOVER" = "first second check:1" ])"));
}

TEST_CASE("one that does not answer in time is ended", "[upgrade]") {
  Upgrade upgrade{"/bin/sleep", {"launch", "600"}};
  CHECK_FALSE(upgrade.take_verdict(Clock::now()));
  std::optional<bool> verdict;
  CHECK(eventually([&] {
    return (verdict = upgrade.take_verdict(upgrade.deadline())).has_value();
  }));
  CHECK(verdict == false);
}

TEST_CASE("what is no program fails the check", "[upgrade]") {
  CHECK_THROWS_AS(Upgrade("/no/such/program", {"launch"}), std::system_error);
}

TEST_CASE("a program that is gone in the end leaves all as it was",
          "[upgrade]") {
  const TemporaryFolder folder;
  const std::string program = folder.file("program");
  std::filesystem::copy_file("/bin/true", program);
  const Upgrade upgrade{program, {"launch"}};
  REQUIRE(becomes_readable(upgrade.pidfd()));
  std::filesystem::remove(program);
  const Descriptor board{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  CHECK(upgrade.execute(
            {.listeners = {}, .scoreboard = board.get(), .processes = {}}) ==
        program + " cannot be executed: No such file or directory");
  CHECK((::fcntl(board.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_FALSE(take_handover());
}

TEST_CASE("our own program and command line are known", "[upgrade]") {
  CHECK(std::filesystem::equivalent(upgraded_program(), "/proc/self/exe"));
  CHECK_FALSE(own_arguments().empty());
}
