#include "modes/process/strangers.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "modes/base/child_process.hpp"
#include "modes/base/process_stats.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/eventually.hpp"

using namespace launch;

namespace {

void expect(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

/// A shell that ends at once and leaves a process, which ends by then and is
/// adopted by us.
void leave_orphan() {
  ChildProcess shell({.argv = {"/bin/sh", "-c", "sleep 0.01 & exit 0"}});
  expect(shell.wait_for(kLongest).has_value(), "the shell did not end");
}

bool has_children() { return process_tree(::getpid()).size() > 1; }

}  // namespace

TEST_CASE("orphans that were adopted are reaped", "[strangers]") {
  const ChildEnd end = run_in_child([] {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < 3; ++i) leave_orphan();
    int reaped = 0;
    expect(eventually([&] { return (reaped += reap_strangers({})) == 3; }),
           "not reaped");
    expect(!has_children(), "one is left");
  });
  CHECK(end.exit_code == 0);
}

TEST_CASE("our own children keep their status", "[strangers]") {
  const ChildEnd end = run_in_child([] {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ChildProcess ended({.argv = {"/bin/sh", "-c", "exit 7"}});
    const ChildProcess running({.argv = {"/bin/sleep", "60"}});
    const std::array own{ended.pid(), running.pid()};
    expect(becomes_readable(ended.pidfd()), "did not end");
    expect(reap_strangers(own) == 0, "an own child counted as stranger");
    leave_orphan();
    // As the owner of children does it: own ones first, then the strangers.
    expect(ended.reap()->code == 7, "the status is lost");
    expect(eventually([&] { return reap_strangers(own) == 1; }), "not reaped");
    expect(process_tree(::getpid()).size() == 2, "the running one is gone");
  });
  CHECK(end.exit_code == 0);
}

TEST_CASE("only the first process and subreapers adopt", "[strangers]") {
  CHECK(adopts_orphans() == (::getpid() == 1));
  const ChildEnd end = run_in_child([] {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    expect(adopts_orphans(), "does not");
  });
  CHECK(end.exit_code == 0);
}

TEST_CASE("without children there is nothing to reap", "[strangers]") {
  CHECK(run_in_child([] {
          expect(reap_strangers({}) == 0, "some");
        }).exit_code == 0);
}
