#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// Counts of one worker since it started.
struct WorkerCounts {
  int id = 1;
  int pid = 0;
  std::uint64_t requests = 0;
  std::uint64_t accepted = 0;
  std::int64_t connections = 0;  ///< open now
};

/// A contender could not be started; what() is one sentence.
struct StartError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A contender that runs and is ready. The destructor ends it.
class Target {
 public:
  virtual ~Target() = default;

  /// Of the first process.
  virtual pid_t pid() const = 0;
  virtual std::string host() const = 0;
  virtual std::uint16_t port() const = 0;
  virtual double startup_ms() const = 0;

  /// User and system CPU time of all processes since their start, ended
  /// children included.
  virtual double cpu_s() const = 0;
  /// Memory of all processes, shared pages counted once; 0 when unreadable.
  virtual std::uint64_t pss_bytes() const = 0;

  /// Asks for the workers' counts; does not wait for the answer.
  virtual void ask_counts() = 0;
  /// The answer to the oldest question. Empty when it does not come within the
  /// limit: then the server is not asked again.
  virtual std::vector<WorkerCounts> take_counts() = 0;

  /// Why the server is gone, in one sentence; nothing while it runs.
  virtual std::optional<std::string> death() = 0;

  /// Ends it and every process that it started. A sentence when it had to be
  /// forced.
  virtual std::optional<std::string> stop() = 0;
};

}  // namespace launch::bench
