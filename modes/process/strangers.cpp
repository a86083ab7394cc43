#include "modes/process/strangers.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace launch {

int reap_strangers(std::span<const pid_t> own) {
  for (int reaped = 0;; ++reaped) {
    siginfo_t ended{};
    // Looked at, but left to be waited for: it may be one of our own.
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        ended.si_pid == 0 ||
        std::find(own.begin(), own.end(), ended.si_pid) != own.end())
      return reaped;
    while (::waitpid(ended.si_pid, nullptr, WNOHANG) < 0 && errno == EINTR) {
    }
  }
}

bool adopts_orphans() {
  int is_subreaper = 0;
  ::prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper);
  return ::getpid() == 1 || is_subreaper != 0;
}

}  // namespace launch
