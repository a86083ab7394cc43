#pragma once

#include <sys/types.h>

namespace launch {

/// A copy of this process, as fork() makes one, whose parent is our parent: who
/// started us waits for it, too. 0 in the copy, its pid here, or -1 with errno.
/// For a process of one thread: nothing is done about locks that others hold.
pid_t clone_sibling();

}  // namespace launch
