#include "modes/base/child_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"

using namespace launch;
using namespace std::chrono_literals;

namespace {

constexpr milliseconds kLong{20'000};

struct Pipe {
  Descriptor reader;
  Descriptor writer;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

std::string read_all(const Descriptor& fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t size = 0;
  while ((size = ::read(fd.get(), buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(size));
  return text;
}

ChildSpec shell(const std::string& script) {
  return {.argv = {"/bin/sh", "-c", script}};
}

ExitStatus status_of(const ChildSpec& spec) {
  ChildProcess child(spec);
  const auto status = child.wait_for(kLong);
  REQUIRE(status.has_value());
  return *status;
}

/// What the child wrote to its standard output.
std::string output_of(ChildSpec spec) {
  Pipe pipe = make_pipe();
  spec.descriptors.push_back({pipe.writer.get(), STDOUT_FILENO});
  ChildProcess child(spec);
  pipe.writer.reset();
  std::string output = read_all(pipe.reader);
  REQUIRE(child.wait_for(kLong).has_value());
  return output;
}

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) != -1; }

}  // namespace

TEST_CASE("a child's exit code is its status", "[child_process]") {
  CHECK(status_of(shell("exit 0")).success());
  const ExitStatus status = status_of(shell("exit 3"));
  CHECK(status.code == 3);
  CHECK(status.signal == 0);
  CHECK_FALSE(status.success());
}

TEST_CASE("a child ended by a signal tells which", "[child_process]") {
  const ExitStatus status = status_of(shell("kill -SEGV $$"));
  CHECK(status.signal == SIGSEGV);
  CHECK(to_string(status) == "signal 11 (SIGSEGV)");
  CHECK(to_string(ExitStatus{3, 0}) == "exit code 3");
}

TEST_CASE("a status is asked for as often as one likes", "[child_process]") {
  ChildProcess child(shell("exit 7"));
  REQUIRE(child.wait_for(kLong).has_value());
  CHECK(child.reap()->code == 7);
  CHECK(child.reap()->code == 7);
  CHECK(child.wait_for(0ms)->code == 7);
  child.signal(SIGKILL);  // to nobody: the pid may be another's by now
}

TEST_CASE("a running child has no status yet", "[child_process]") {
  ChildProcess child(shell("exec sleep 60"));
  CHECK_FALSE(child.reap().has_value());
  CHECK_FALSE(child.wait_for(1ms).has_value());
  child.signal(SIGTERM);
  CHECK(child.wait_for(kLong)->signal == SIGTERM);
}

TEST_CASE("a program that cannot be started is named", "[child_process]") {
  const auto message_for = [](const std::string& program) {
    try {
      ChildProcess child(ChildSpec{.argv = {program}});
    } catch (const std::system_error& error) {
      return std::string(error.what());
    }
    return std::string("started");
  };
  CHECK(message_for("/no/such/program") ==
        "cannot start /no/such/program: No such file or directory");
  CHECK(message_for("no-such-program-in-path") ==
        "cannot start no-such-program-in-path: No such file or directory");
  CHECK(message_for("/etc/passwd") ==
        "cannot start /etc/passwd: Permission denied");
  CHECK_FALSE(has_children());
}

TEST_CASE("a failed start is seen at every number of descriptor",
          "[child_process]") {
  // Boost's pipe for the error takes the lowest free number: also a wanted one.
  const Pipe pipe = make_pipe();
  for (int number = 3; number < 20; ++number)
    CHECK_THROWS_AS(
        ChildProcess(ChildSpec{.argv = {"/no/such/program"},
                               .descriptors = {{pipe.writer.get(), number}}}),
        std::system_error);
}

TEST_CASE("a name without a slash is found in PATH", "[child_process]") {
  CHECK(output_of({.argv = {"printf", "%s-%s", "a b", "c"}}) == "a b-c");
}

TEST_CASE("a child keeps the name it was called by", "[child_process]") {
  CHECK(output_of({.argv = {"sh", "-c", "printf %s \"$0\"", "me"}}) == "me");
  CHECK(output_of({.argv = {"sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline"}}) ==
        "sh -c tr '\\0' ' ' </proc/$$/cmdline ");
}

TEST_CASE("a child sees the changed environment", "[child_process]") {
  ::setenv("LAUNCH_TEST_GONE", "1", 1);
  ::setenv("LAUNCH_TEST_CHANGED", "old", 1);
  ::setenv("LAUNCH_TEST_KEPT", "kept", 1);
  ChildSpec spec = shell(
      "printf '%s,%s,%s,%s' \"${LAUNCH_TEST_GONE-gone}\" "
      "\"$LAUNCH_TEST_CHANGED\" \"$LAUNCH_TEST_KEPT\" \"$LAUNCH_TEST_NEW\"");
  spec.environment = {"LAUNCH_TEST_GONE", "LAUNCH_TEST_CHANGED=new",
                      "LAUNCH_TEST_NEW=a=b"};
  CHECK(output_of(spec) == "gone,new,kept,a=b");
  CHECK(std::string(std::getenv("LAUNCH_TEST_CHANGED")) == "old");
  for (const char* name :
       {"LAUNCH_TEST_GONE", "LAUNCH_TEST_CHANGED", "LAUNCH_TEST_KEPT"})
    ::unsetenv(name);
}

TEST_CASE("descriptors swap numbers without losing each other",
          "[child_process]") {
  const Pipe first = make_pipe();
  const Pipe second = make_pipe();
  const int one = first.writer.get();
  const int two = second.writer.get();
  ChildSpec spec{.argv = {"/bin/bash", "-c",
                          "printf one >&" + std::to_string(two) +
                              "; printf two >&" + std::to_string(one)},
                 .descriptors = {{one, two}, {two, one}}};
  CHECK(status_of(spec).success());
  std::array<char, 8> text{};
  REQUIRE(::read(first.reader.get(), text.data(), text.size()) == 3);
  CHECK(std::string(text.data(), 3) == "one");
  REQUIRE(::read(second.reader.get(), text.data(), text.size()) == 3);
  CHECK(std::string(text.data(), 3) == "two");
}

TEST_CASE("one descriptor is inherited at several high numbers",
          "[child_process]") {
  Pipe pipe = make_pipe();
  ChildProcess child(ChildSpec{
      .argv = {"/bin/bash", "-c", "printf a >&200; printf b >&201"},
      .descriptors = {{pipe.writer.get(), 200}, {pipe.writer.get(), 201}}});
  pipe.writer.reset();
  CHECK(read_all(pipe.reader) == "ab");
  CHECK(child.wait_for(kLong)->success());
}

TEST_CASE("a child has no other descriptor of ours", "[child_process]") {
  const Descriptor open_across_exec{::open("/dev/null", O_RDONLY)};
  const Descriptor high{::fcntl(open_across_exec.get(), F_DUPFD, 150)};
  const Pipe pipe = make_pipe();
  ChildSpec spec{.argv = {"/bin/ls", "/proc/self/fd"},
                 .descriptors = {{pipe.writer.get(), 200}}};
  // 3 is the folder that `ls` itself reads.
  CHECK(output_of(spec) == "0\n1\n2\n200\n3\n");
}

TEST_CASE("a child starts with default signals and an empty mask",
          "[child_process]") {
  sigset_t term;
  sigset_t before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  auto* old_action = std::signal(SIGPIPE, SIG_IGN);
  const std::string status = output_of({.argv = {"cat", "/proc/self/status"}});
  std::signal(SIGPIPE, old_action);
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, &before, &after);
  CHECK(status.find("SigBlk:\t0000000000000000") != std::string::npos);
  CHECK(status.find("SigIgn:\t0000000000000000") != std::string::npos);
  CHECK(sigismember(&after, SIGTERM) == 1);
  CHECK(sigismember(&after, SIGINT) == 0);
}

TEST_CASE("a child may lead a group or a session of its own",
          "[child_process]") {
  ChildSpec spec = shell("exec sleep 60");
  ChildProcess plain(spec);
  CHECK(::getpgid(plain.pid()) == ::getpgrp());
  spec.own_process_group = true;
  ChildProcess group(spec);
  CHECK(::getpgid(group.pid()) == group.pid());
  CHECK(::getsid(group.pid()) == ::getsid(0));
  spec.own_process_group = false;
  spec.own_session = true;
  ChildProcess session(spec);
  CHECK(::getsid(session.pid()) == session.pid());
}

TEST_CASE("a child ends with the process that started it", "[child_process]") {
  Pipe pipe = make_pipe();
  const pid_t parent = ::fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    ChildSpec spec = shell("echo ready; exec sleep 60");
    spec.descriptors = {{pipe.writer.get(), STDOUT_FILENO}};
    spec.death_signal = SIGKILL;
    ChildProcess child(spec);
    pipe.writer.reset();
    std::array<char, 6> ready{};
    if (::read(pipe.reader.get(), ready.data(), ready.size()) != 6) ::_exit(1);
    ::_exit(0);  // without the destructor, as a crash would
  }
  pipe.writer.reset();
  int status = -1;
  REQUIRE(::waitpid(parent, &status, 0) == parent);
  CHECK(status == 0);
  CHECK(read_all(pipe.reader).empty());  // ends when the grandchild does
}

TEST_CASE("a child runs as whom it is told to, and still ends with its parent",
          "[child_process]") {
  if (::geteuid() != 0) {
    WARN("only root can try it");
    return;
  }
  ChildSpec spec = shell("id -u; id -g; id -G");
  spec.identity = Identity{65'533, 65'532, {65'531}};
  CHECK(output_of(spec) == "65533\n65532\n65532 65531\n");
  Pipe pipe = make_pipe();
  const pid_t parent = ::fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    spec.argv.back() = "exec sleep 60";
    spec.descriptors = {{pipe.writer.get(), STDOUT_FILENO}};
    spec.death_signal = SIGKILL;
    const ChildProcess child(spec);
    ::_exit(0);
  }
  pipe.writer.reset();
  int status = -1;
  REQUIRE(::waitpid(parent, &status, 0) == parent);
  CHECK(status == 0);
  CHECK(read_all(pipe.reader).empty());  // ends when the grandchild does
}

TEST_CASE("a child without the right to its identity is not started",
          "[child_process]") {
  const ChildEnd end = run_in_child([] {
    if (::geteuid() == 0 && become({65'533, 65'533, {}}) != 0) return;
    ChildSpec spec{.argv = {"/bin/true"}};
    spec.identity = Identity{0, 0, {}};
    const ChildProcess child(spec);
  });
  CHECK(end.exit_code == 99);
}

TEST_CASE("a dropped child is killed and reaped", "[child_process]") {
  pid_t pid = -1;
  {
    ChildProcess child(shell("trap '' TERM; exec sleep 60"));
    pid = child.pid();
    ChildProcess moved(std::move(child));
    CHECK(moved.pid() == pid);
    CHECK(::kill(pid, 0) == 0);
  }
  CHECK(::kill(pid, 0) == -1);
  CHECK(errno == ESRCH);
  CHECK_FALSE(has_children());
}

TEST_CASE("a status is kept although SIGCHLD was ignored", "[child_process]") {
  auto* before = std::signal(SIGCHLD, SIG_IGN);
  CHECK(status_of(shell("exit 5")).code == 5);
  std::signal(SIGCHLD, before);
}
