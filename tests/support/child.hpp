#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <string>

/// How a forked child ended and what it wrote to standard error.
struct ChildEnd {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
  std::string error_text;
};

/// Runs `work` in a forked child, which ends with exit code 0 if it returns
/// and 99 if it throws. For code that ends its process.
inline ChildEnd run_in_child(const std::function<void()>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {};
  // The thread sanitizer's _exit() flushes what is buffered here into whatever
  // standard output is in the child.
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    try {
      work();
    } catch (...) {
      ::_exit(99);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  ChildEnd end;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0;
       (count = ::read(ends[0], buffer.data(), buffer.size())) > 0 ||
       (count < 0 && errno == EINTR);)
    if (count > 0)
      end.error_text.append(buffer.data(), static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}
