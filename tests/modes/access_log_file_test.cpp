#include "modes/access_log_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <map>
#include <sstream>
#include <system_error>

#include "modes/base/clock.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temporary_file.hpp"

using namespace launch;

namespace {

/// A pipe under the name that /dev/fd gives its writing end.
struct Pipe {
  Pipe() {
    ::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    reader.reset(ends[0]);
    writer.reset(ends[1]);
    path = "/proc/self/fd/" + std::to_string(ends[1]);
  }
  std::string read() const {
    std::array<char, 65'536> buffer{};
    const auto size = ::read(reader.get(), buffer.data(), buffer.size());
    return {buffer.data(),
            static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  Descriptor reader;
  Descriptor writer;
  std::string path;
};

std::string whole_line(char c, std::size_t size) {
  return std::string(size - 1, c) + '\n';
}

}  // namespace

TEST_CASE("lines are appended to what a file holds", "[access_log_file]") {
  const TemporaryFile file;
  file.write("before\n");
  AccessLogFile log{file.path()};
  CHECK(log.longest_line() == std::numeric_limits<std::size_t>::max());
  log.write("one\n");
  // As logrotate's copytruncate does.
  REQUIRE(::truncate(file.path().c_str(), 0) == 0);
  log.write("two\n");
  CHECK(file.content() == "two\n");
  AccessLogFile{file.path()}.write("three\n");
  CHECK(file.content() == "two\nthree\n");
}

TEST_CASE("a path that cannot be opened is told", "[access_log_file]") {
  CHECK_THROWS_WITH(AccessLogFile("/nonexistent/access.log"),
                    "the access log /nonexistent/access.log cannot be opened: "
                    "No such file or directory");
}

TEST_CASE("a dash is standard output, which others still write to",
          "[access_log_file]") {
  const TemporaryFile file;
  const ChildEnd end = run_in_child([&] {
    const int fd = ::open(file.path().c_str(), O_WRONLY);
    ::dup2(fd, STDOUT_FILENO);
    AccessLogFile log{"-"};
    log.write("one\n");
    // Not made non-blocking for those who share it.
    if ((::fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK) != 0) ::_exit(1);
  });
  CHECK(end.exit_code == 0);
  CHECK(file.content() == "one\n");
}

TEST_CASE("standard output may be a socket, as a journal's is",
          "[access_log_file]") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) ==
          0);
  Descriptor reader{ends[0]};
  Descriptor writer{ends[1]};
  const ChildEnd end = run_in_child([&] {
    ::dup2(writer.get(), STDOUT_FILENO);
    AccessLogFile log{"-"};
    if (log.longest_line() != PIPE_BUF) ::_exit(1);
    log.write("one\n");
    ::shutdown(reader.get(), SHUT_RDWR);
    log.write("two\n");  // no signal ends the process
    if (log.lost() != 1) ::_exit(2);
  });
  CHECK(end.exit_code == 0);
  std::array<char, 16> text{};
  CHECK(::read(reader.get(), text.data(), text.size()) == 4);
}

TEST_CASE("lines of several processes stay whole", "[access_log_file]") {
  constexpr int kProcesses = 4;
  constexpr int kLines = 500;
  const TemporaryFile file;
  std::array<pid_t, kProcesses> children{};
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      AccessLogFile log{file.path()};
      // Of all lengths, also beyond what a pipe would keep whole.
      for (std::size_t i = 0; i < kLines; ++i)
        log.write(whole_line(static_cast<char>('a' + p), 2 + i * 17));
      ::_exit(log.lost() == 0 ? 0 : 1);
    }
    children[static_cast<std::size_t>(p)] = pid;
  }
  for (const pid_t pid : children) {
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(status == 0);
  }
  std::map<std::pair<char, std::size_t>, int> seen;
  std::istringstream lines{file.content()};
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(line.at(0)) != std::string::npos)
      FAIL("a mixed line: " << line);
    ++seen[{line.at(0), line.size()}];
  }
  CHECK(seen.size() == std::size_t{kProcesses} * kLines);
  for (const auto& [line, times] : seen)
    if (times != 1) FAIL(line.first << " of " << line.second);
}

TEST_CASE("into a pipe lines of PIPE_BUF bytes go whole or not at all",
          "[access_log_file]") {
  const Pipe pipe;
  const ChildEnd end = run_in_child([&] {
    AccessLogFile log{pipe.path};
    if (log.longest_line() != PIPE_BUF) ::_exit(1);
    const std::string line = whole_line('x', PIPE_BUF);
    // A pipe takes 64 KiB by default; more needs a reader, and has none.
    for (int i = 0; i < 20; ++i) log.write(line);
    if (log.lost() != 4) ::_exit(2);
  });
  CHECK(end.exit_code == 0);
  CHECK(end.error_text ==
        "WARNING:  the access log " + pipe.path +
            " cannot be written (its reader is too slow): lines are lost "
            "until it can, requests are served as before\n"
            "WARNING:  4 lines of the access log " +
            pipe.path + " were lost\n");
  CHECK(pipe.read().size() == std::size_t{16} * PIPE_BUF);
}

TEST_CASE("a reader that stands still holds up one line, not each",
          "[access_log_file]") {
  const Pipe pipe;
  AccessLogFile log{pipe.path};
  const std::string line = whole_line('x', PIPE_BUF);
  for (int i = 0; i < 16; ++i) log.write(line);
  CHECK(log.lost() == 0);
  const auto begin = Clock::now();
  for (int i = 0; i < 1000; ++i) log.write(line);
  CHECK(log.lost() == 1000);
  CHECK(Clock::now() - begin < seconds{50});  // 100 s if each waited
  // When it reads again, lines arrive again.
  CHECK(pipe.read().size() == std::size_t{16} * PIPE_BUF);
  log.write("after\n");
  CHECK(pipe.read() == "after\n");
  CHECK(log.lost() == 1000);
}

TEST_CASE("a full disk or a closed pipe is warned of once",
          "[access_log_file]") {
  Pipe pipe;
  AccessLogFile closed{pipe.path};
  pipe.reader.reset();
  const ChildEnd full = run_in_child([&] {
    AccessLogFile log{"/dev/full"};
    for (int i = 0; i < 3; ++i) log.write("lost\n");
  });
  CHECK(full.exit_code == 0);
  CHECK(full.error_text ==
        "WARNING:  the access log /dev/full cannot be written (No space left "
        "on device): lines are lost until it can, requests are served as "
        "before\n"
        "WARNING:  3 lines of the access log /dev/full were lost\n");
  const ChildEnd gone = run_in_child([&] {
    closed.write("lost\n");
    closed.write("lost\n");
  });
  CHECK(gone.exit_code == 0);
  CHECK(gone.error_text ==
        "WARNING:  the access log " + pipe.path +
            " cannot be written (Broken pipe): lines are lost until it can, "
            "requests are served as before\n");
}

TEST_CASE("behind a line that was written in part the next one is whole",
          "[access_log_file]") {
  const TemporaryFile file;
  const ChildEnd end = run_in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    AccessLogFile log{file.path()};
    log.write("whole\n");
    // The limit on a file's size cuts a write as a full disk does.
    rlimit limit{9, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    log.write("torn line\n");
    log.write("lost\n");
    limit.rlim_cur = RLIM_INFINITY;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    log.write("after\n");
    log.write("last\n");
    if (log.lost() != 2) ::_exit(1);
  });
  CHECK(end.exit_code == 0);
  CHECK(file.content() == "whole\ntor\nafter\nlast\n");
}

TEST_CASE("a file of ours is given to who opens it again",
          "[access_log_file]") {
  if (::geteuid() != 0) {
    WARN("only root can try it");
    return;
  }
  const auto owner_of = [](const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_uid;
  };
  const TemporaryFile file;
  AccessLogFile{file.path()}.give_to(65'533);
  CHECK(owner_of(file.path()) == 65'533);
  AccessLogFile{file.path()}.give_to(65'532);  // it is not ours any more
  CHECK(owner_of(file.path()) == 65'533);
}
