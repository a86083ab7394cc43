#include "modes/base/descriptor_limit.hpp"

#include <sys/resource.h>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"

using namespace launch;

TEST_CASE("the limit of descriptors is raised as far as it may be",
          "[descriptor_limit]") {
  const ChildEnd end = run_in_child([] {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 64;
    limit.rlim_max = 100;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::_exit(1);
    const DescriptorLimit raised = raise_descriptor_limit();
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (raised.before != 64 || raised.now != 100) ::_exit(2);
    if (limit.rlim_cur != 100 || limit.rlim_max != 100) ::_exit(3);
    const DescriptorLimit again = raise_descriptor_limit();
    if (again.before != 100 || again.now != 100) ::_exit(4);
  });
  CHECK(end.exit_code == 0);
}
