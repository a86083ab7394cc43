#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "modes/base/child_process.hpp"

namespace launch::bench {

/// A program of bench/reference, which is built beside the tests, with its
/// standard output and error in one pipe.
class Program {
 public:
  Program(const std::string& name, std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("the test has no pipe");
    output_.reset(ends[0]);
    const Descriptor input(ends[1]);
    ChildSpec spec;
    spec.argv = {std::filesystem::read_symlink("/proc/self/exe").parent_path() /
                 name};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.descriptors = {{input.get(), STDOUT_FILENO},
                        {input.get(), STDERR_FILENO}};
    spec.death_signal = SIGKILL;
    process_.emplace(spec);
  }

  ChildProcess& process() { return *process_; }

  /// What it prints up to the next end of line, or to its end.
  std::string line() {
    std::string text;
    char byte = 0;
    while (::read(output_.get(), &byte, 1) == 1 && byte != '\n') text += byte;
    return text;
  }

  /// Everything that it still prints.
  std::string rest() {
    std::string text;
    std::array<char, 4096> part;
    ssize_t got = 0;
    while ((got = ::read(output_.get(), part.data(), part.size())) > 0)
      text.append(part.data(), static_cast<std::size_t>(got));
    return text;
  }

  /// -1 when it does not end within 10 s or was ended by a signal.
  int exit_code() {
    const auto status = process_->wait_for(seconds(10));
    return status && status->signal == 0 ? status->code : -1;
  }

 private:
  Descriptor output_;
  std::optional<ChildProcess> process_;
};

}  // namespace launch::bench
