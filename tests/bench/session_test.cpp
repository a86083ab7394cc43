#include "bench/compare/session.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "modes/base/child_process.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("the session is the fourth field after the name", "[session]") {
  CHECK(session_of("7 (sh) S 1 6 5 0 -1 4194304") == 5);
  CHECK(session_of("7 (a) S 1 2 (b) R 1 6 5 0") == 5);
}

TEST_CASE("a zombie or no such line belongs to no session", "[session]") {
  CHECK_FALSE(session_of("7 (sh) Z 1 6 5 0 -1"));
  CHECK_FALSE(session_of("7 (sh) S 1"));
  CHECK_FALSE(session_of(""));
}

TEST_CASE("the end of a session ends orphans too", "[session]") {
  // The shell leaves two processes behind whose parent is gone.
  ChildSpec spec;
  spec.argv = {"/bin/sh", "-c", "sleep 60 & sleep 60 & exit 0"};
  spec.own_session = true;
  ChildProcess leader(spec);
  REQUIRE(leader.wait_for(milliseconds{5000}));
  CHECK(session_members(leader.pid()).size() == 2);
  kill_session(leader.pid());
  CHECK(session_members(leader.pid()).empty());
}

TEST_CASE("our own session is left alone", "[session]") {
  kill_session(::getsid(0));
  kill_session(0);
  SUCCEED("still here");
}

}  // namespace
}  // namespace launch::bench
