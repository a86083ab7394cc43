#pragma once

#include <utility>

#include "modes/base/descriptor.hpp"
#include "modes/supervisor/scoreboard.hpp"

namespace launch {

/// The serving end of `--stats-fd`: a connected stream socket. Each byte that
/// arrives is a question, answered with one line of Scoreboard::to_json(), of
/// `workers`. A peer that is gone, or that does not read, costs itself the
/// channel and nothing else: no call blocks, throws or raises SIGPIPE.
class StatsChannel {
 public:
  /// `fd` may be none: then nothing ever happens.
  explicit StatsChannel(Descriptor fd) : fd_(std::move(fd)) {}

  /// To be polled for input; -1 once no question can come any more.
  int poll_fd() const { return listening_ ? fd_.get() : -1; }

  int fd() const { return fd_.get(); }

  /// Answers what has arrived.
  void answer(const Scoreboard& scoreboard, int workers);

  /// Sends one line unasked, as is done at the end of service.
  void send(const Scoreboard& scoreboard, int workers);

 private:
  Descriptor fd_;
  bool listening_ = true;
};

}  // namespace launch
