#include "bench/compare/session.hpp"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "modes/base/clock.hpp"

namespace launch::bench {
namespace {

constexpr seconds kLimit{2};
constexpr milliseconds kPause{5};

std::optional<pid_t> pid_of(const char* name) {
  const std::string_view text(name);
  pid_t pid = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return pid;
}

std::string read_stat(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::optional<pid_t> session_of(std::string_view stat) {
  // "7 (name) S ppid pgrp session ..."; the name may hold anything.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::istringstream rest{std::string(stat.substr(name_end + 1))};
  char state = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  if (!(rest >> state >> parent >> group >> session)) return std::nullopt;
  if (state == 'Z' || state == 'X') return std::nullopt;
  return session;
}

std::vector<pid_t> session_members(pid_t session) {
  std::vector<pid_t> members;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"),
                                                      ::closedir);
  if (!directory) return members;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::optional<pid_t> pid = pid_of(entry->d_name);
    if (pid && session_of(read_stat(*pid)) == session) members.push_back(*pid);
  }
  return members;
}

void kill_session(pid_t session) {
  if (session <= 1 || session == ::getsid(0)) return;
  const Clock::time_point deadline = Clock::now() + kLimit;
  // Again and again: a process may start another one before its own end.
  while (Clock::now() < deadline) {
    const std::vector<pid_t> members = session_members(session);
    if (members.empty()) return;
    for (pid_t pid : members) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace launch::bench
