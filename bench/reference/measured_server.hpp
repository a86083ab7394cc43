#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "bench/reference/limit_options.hpp"
#include "modes/base/child_process.hpp"
#include "modes/base/process_stats.hpp"

namespace launch::bench {

/// Where the server runs and where the load does.
struct Placement {
  std::vector<int> server;
  std::vector<int> generator;
};

/// The cores that may be used.
class Cores {
 public:
  Cores() {
    cpu_set_t allowed;
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &allowed)) all_.push_back(core);
  }

  /// One for the server and one for the generator; the same one where there
  /// is but one.
  Placement divided() const {
    return {{all_.front()}, {all_.size() > 1 ? all_[1] : all_.front()}};
  }
  Placement shared() const { return {all_, all_}; }

 private:
  std::vector<int> all_;
};

/// Moves this thread; what it starts from then on stays there too.
inline void pin_to(const std::vector<int>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot pin");
}

inline sockaddr_in local_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline std::uint16_t free_port() {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = local_address(0);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), generic, length) != 0 ||
      ::getsockname(socket.get(), generic, &length) != 0)
    throw std::system_error(errno, std::generic_category(), "no free port");
  return ntohs(address.sin_port);
}

inline bool accepts(std::uint16_t port) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = local_address(port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address) == 0;
}

/// A server that a command starts, pinned to its core: ready to serve from the
/// constructor's end, stopped by the destructor. {port} in the command stands
/// for a free port. Throws std::runtime_error when it does not come to listen.
class MeasuredServer {
 public:
  MeasuredServer(Argv argv, const Placement& placement) : port_(free_port()) {
    for (std::string& argument : argv)
      for (auto at = argument.find("{port}"); at != std::string::npos;
           at = argument.find("{port}"))
        argument.replace(at, 6, std::to_string(port_));
    const Descriptor null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    ChildSpec spec;
    spec.argv = argv;
    spec.descriptors = {{null.get(), STDOUT_FILENO}};
    spec.death_signal = SIGTERM;
    pin_to(placement.server);
    process_.emplace(spec);
    pin_to(placement.generator);
    wait_until_ready(argv.front());
  }

  ~MeasuredServer() {
    process_->signal(SIGTERM);
    process_->wait_for(kStopLimit);
  }

  std::uint16_t port() const { return port_; }

  /// User and system CPU time of all its processes so far.
  double cpu_s() const {
    nanoseconds used{0};
    for (const pid_t pid : process_tree(process_->pid()))
      used += cpu_time(pid).value_or(nanoseconds{0}) +
              reaped_children_cpu_time(pid);
    return to_seconds(used);
  }

  /// Memory of all its processes, shared pages counted once.
  double pss_bytes() const {
    std::uint64_t used = 0;
    for (const pid_t pid : process_tree(process_->pid()))
      used += launch::pss_bytes(pid).value_or(0);
    return static_cast<double>(used);
  }

  MeasuredServer(const MeasuredServer&) = delete;
  MeasuredServer& operator=(const MeasuredServer&) = delete;

 private:
  static constexpr seconds kStartLimit{30};
  static constexpr seconds kStopLimit{5};

  void wait_until_ready(const std::string& name) {
    const Clock::time_point limit = Clock::now() + kStartLimit;
    while (!accepts(port_)) {
      if (const auto status = process_->reap())
        throw std::runtime_error(
            fmt::format("{} ended before it listened on port {}: {}", name,
                        port_, to_string(*status)));
      if (Clock::now() > limit)
        throw std::runtime_error(
            fmt::format("{} did not listen on 127.0.0.1:{} within {} s", name,
                        port_, kStartLimit.count()));
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  std::uint16_t port_;
  std::optional<ChildProcess> process_;
};

}  // namespace launch::bench
