#include "modes/base/clone.hpp"

#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace launch {

pid_t clone_sibling() {
  clone_args arguments{};
  arguments.flags = CLONE_PARENT;  // with the exit signal that ours has
  // Where the C library keeps the number of this thread, which fork() corrects
  // in the same way.
  std::uint64_t thread_id = 0;
  if (::prctl(PR_GET_TID_ADDRESS, &thread_id) == 0 && thread_id != 0) {
    arguments.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    arguments.child_tid = thread_id;
  }
  return static_cast<pid_t>(
      ::syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace launch
