#include "modes/supervisor/upgrade.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/core.h>

namespace launch {
namespace {

ChildSpec check_spec(const std::string& program,
                     std::vector<std::string> arguments) {
  arguments.at(0) = program;
  return {
      .argv = std::move(arguments),
      .environment = {fmt::format("{}={}", kHandoverVariable, check_only())},
      .death_signal = SIGKILL,
      .own_process_group = true};
}

/// All that the successor needs, which exec() would close.
class Kept {
 public:
  explicit Kept(const Handover& handover) {
    fds_ = {handover.scoreboard, handover.stats};
    for (const auto& listener : handover.listeners) fds_.push_back(listener.fd);
    for (const int fd : fds_) keep_on_exec(fd, true);
  }
  ~Kept() {
    for (const int fd : fds_) keep_on_exec(fd, false);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

 private:
  std::vector<int> fds_;
};

}  // namespace

Upgrade::Upgrade(std::string program, std::vector<std::string> arguments)
    : program_(std::move(program)),
      arguments_(std::move(arguments)),
      check_(check_spec(program_, arguments_)),
      deadline_(Clock::now() + kPatience) {}

std::optional<bool> Upgrade::take_verdict(Clock::time_point now) {
  if (now >= deadline_) check_.signal(SIGKILL);
  if (const auto status = check_.reap()) return status->success();
  return std::nullopt;
}

std::string Upgrade::execute(const Handover& handover) const {
  const Descriptor file = store(handover);
  const Kept kept{handover};
  ::setenv(kHandoverVariable, std::to_string(file.get()).c_str(), 1);
  std::vector<std::string> arguments = arguments_;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv(program_.c_str(), pointers.data());
  const int error = errno;
  ::unsetenv(kHandoverVariable);
  return fmt::format("{} cannot be executed: {}", program_,
                     std::generic_category().message(error));
}

std::string upgraded_program() {
  std::error_code error;
  std::string path =
      std::filesystem::read_symlink("/proc/self/exe", error).string();
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return path;
}

std::vector<std::string> own_arguments() {
  std::vector<std::string> arguments;
  std::ifstream file("/proc/self/cmdline");
  for (std::string argument; std::getline(file, argument, '\0');)
    arguments.push_back(argument);
  return arguments;
}

}  // namespace launch
