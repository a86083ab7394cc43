#include "modes/base/identity.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"

using namespace launch;

namespace {

void expect(bool condition) {
  if (!condition) throw std::runtime_error("not as expected");
}

}  // namespace

TEST_CASE("a process becomes another user for good", "[identity]") {
  if (::geteuid() != 0) {
    WARN("only root can try it");
    return;
  }
  const ChildEnd end = run_in_child([] {
    expect(become({65'533, 65'532, {65'531, 65'530}}) == 0);
    uid_t real = 0;
    uid_t effective = 0;
    uid_t saved = 0;
    ::getresuid(&real, &effective, &saved);
    expect(real == 65'533 && effective == 65'533 && saved == 65'533);
    expect(::getgid() == 65'532 && ::getegid() == 65'532);
    std::vector<gid_t> groups(8);
    groups.resize(static_cast<std::size_t>(::getgroups(8, groups.data())));
    std::sort(groups.begin(), groups.end());
    expect(groups == std::vector<gid_t>{65'530, 65'531});
    expect(::setuid(0) != 0 && ::setgid(0) != 0);
  });
  CHECK(end.exit_code == 0);
}

TEST_CASE("root may change its group alone", "[identity]") {
  if (::geteuid() != 0) {
    WARN("only root can try it");
    return;
  }
  const ChildEnd end = run_in_child([] {
    expect(become({0, 65'532, {}}) == 0);
    expect(::getuid() == 0 && ::getgid() == 65'532);
    expect(::getgroups(0, nullptr) == 0);
  });
  CHECK(end.exit_code == 0);
}

TEST_CASE("without the right to it nothing changes", "[identity]") {
  const ChildEnd end = run_in_child([] {
    if (::geteuid() == 0) expect(become({65'533, 65'533, {}}) == 0);
    const uid_t user = ::getuid();
    expect(become({0, 0, {}}) == EPERM);
    expect(::getuid() == user);
  });
  CHECK(end.exit_code == 0);
}
