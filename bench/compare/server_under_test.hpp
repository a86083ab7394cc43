#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/compare/announcements.hpp"
#include "bench/compare/server_output.hpp"
#include "bench/compare/target.hpp"
#include "modes/base/child_process.hpp"
#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"

namespace launch::bench {

/// A contender's start_command() as a child process in a session of its own.
/// Its output is kept to explain a failure; WEB_CONCURRENCY, LAUNCH_WORKERS and
/// PORT are not passed on. A foreign one gives no counts.
class ServerUnderTest final : public Target {
 public:
  /// Returns once the server is ready. Throws StartError when it is not within
  /// `limit`, or ends before.
  ServerUnderTest(const Contender& contender, milliseconds limit);
  ~ServerUnderTest() override;
  ServerUnderTest(const ServerUnderTest&) = delete;
  ServerUnderTest& operator=(const ServerUnderTest&) = delete;

  pid_t pid() const override { return child_->pid(); }
  std::string host() const override { return address_.host; }
  std::uint16_t port() const override { return address_.port; }
  double startup_ms() const override { return startup_ms_; }
  double cpu_s() const override;
  std::uint64_t pss_bytes() const override;
  void ask_counts() override;
  std::vector<WorkerCounts> take_counts() override;
  std::optional<std::string> death() override;
  std::optional<std::string> stop() override;

 private:
  void start(const Contender& contender, Clock::time_point deadline,
             milliseconds limit);
  void start_foreign(const Contender& contender, Clock::time_point deadline,
                     milliseconds limit);
  std::string read_ready_line(int fd, Clock::time_point deadline,
                              milliseconds limit);
  std::string not_ready(milliseconds limit) const;
  std::string explained(const std::string& what) const;
  void end();

  ServerOutput output_;
  Descriptor counts_;   ///< our end of the socket behind --stats-fd
  std::string unread_;  ///< received on it, not yet a line
  std::optional<ChildProcess> child_;
  Address address_;
  double startup_ms_ = 0;
};

}  // namespace launch::bench
