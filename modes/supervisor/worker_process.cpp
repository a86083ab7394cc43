#include "modes/supervisor/worker_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <system_error>
#include <utility>

#include "modes/outcome.hpp"

namespace launch {
namespace {

std::pair<Descriptor, Descriptor> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) < 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

ChildSpec spec_of(const WorkerStart& start, const Descriptor& told) {
  ChildSpec spec{.argv = start.argv,
                 .environment = start.environment,
                 .death_signal = SIGTERM,
                 .own_process_group = true,
                 .identity = start.identity};
  spec.descriptors = {{told.get(), kWorkerReadyFd},
                      {start.scoreboard, kWorkerScoreboardFd}};
  if (start.channel >= 0)
    spec.descriptors.push_back({start.channel, kTemplateChannelFd});
  int number = kWorkerListenerFd;
  for (const int fd : start.listeners)
    spec.descriptors.push_back({fd, number++});
  return spec;
}

}  // namespace

WorkerProcess::WorkerProcess(int id, const WorkerStart& start)
    : WorkerProcess(id, start, make_pipe()) {}

WorkerProcess::WorkerProcess(int id, const WorkerStart& start,
                             std::pair<Descriptor, Descriptor> pipe)
    : started(Clock::now()),
      id_(id),
      news_(std::move(pipe.first)),
      process_(spec_of(start, pipe.second)) {}

WorkerProcess::WorkerProcess(int id, pid_t pid, Descriptor news)
    : started(Clock::now()),
      ready(news ? Clock::time_point{} : started),
      id_(id),
      news_(std::move(news)),
      process_(ChildProcess::take_over(pid)) {}

bool WorkerProcess::became_ready() {
  if (!news_) return false;
  std::array<char, PIPE_BUF> news{};
  const ssize_t size = ::read(news_.get(), news.data(), news.size());
  if (size >= 0) news_.reset();  // told, or never will
  if (size <= 0 || news[0] != kFailedNews) return size > 0;
  failure_.assign(news.data() + 1, static_cast<std::size_t>(size) - 1);
  if (failure_.ends_with('\n')) failure_.pop_back();
  return false;
}

}  // namespace launch
