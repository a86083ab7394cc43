#pragma once

#include <optional>
#include <string>
#include <vector>

#include "modes/base/child_process.hpp"
#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/supervisor/watch.hpp"

namespace launch {

/// Numbers under which a worker finds what it inherits. High, so that they do
/// not meet descriptors that the start of a process needs for itself.
inline constexpr int kWorkerReadyFd = 201;
inline constexpr int kWorkerScoreboardFd = 202;
inline constexpr int kTemplateChannelFd = 203;  ///< of --preload alone
inline constexpr int kWorkerListenerFd = 210;   ///< the first of them

/// What a worker's process is started with.
struct WorkerStart {
  std::vector<std::string> argv;
  std::vector<std::string> environment{};  ///< as in ChildSpec
  std::optional<Identity> identity{};
  int scoreboard = -1;
  std::vector<int> listeners{};
  int channel = -1;  ///< of a template; -1: none
};

/// A worker's process, as its supervisor knows it: started, then perhaps
/// ready, then gone.
class WorkerProcess {
 public:
  /// Throws std::system_error.
  WorkerProcess(int id, const WorkerStart& start);

  /// A child of ours that somebody else started: a clone, which tells `news`,
  /// or with none, one that is ready.
  WorkerProcess(int id, pid_t pid, Descriptor news = {});

  int id() const { return id_; }
  pid_t pid() const { return process_.pid(); }
  int pidfd() const { return process_.pidfd(); }
  /// To be polled for what the process tells; -1 once it told.
  int news_fd() const { return news_.get(); }

  /// Takes what it told; true when that is that it serves.
  bool became_ready();
  /// Why its app cannot be started, if it told that.
  const std::string& failure() const { return failure_; }

  std::optional<ExitStatus> reap() { return process_.reap(); }
  void signal(int number) const { process_.signal(number); }

  Clock::time_point started{};
  Clock::time_point ready{};           ///< once it is
  std::optional<Watch> watch{};        ///< once it is
  int generation = 1;                  ///< of the service when it started
  std::optional<std::uint64_t> pss{};  ///< when it was last looked up
  Clock::time_point pss_looked_up{};   ///< for the status

 private:
  WorkerProcess(int id, const WorkerStart& start,
                std::pair<Descriptor, Descriptor> pipe);

  int id_;
  Descriptor news_;
  ChildProcess process_;
  std::string failure_;
};

}  // namespace launch
