#pragma once

#include <sys/types.h>

#include <optional>
#include <utility>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"

// What a supervisor and its template, the process that workers are cloned
// from, say to each other.

namespace launch {

/// "Become worker `id` at `seat`, and tell `news` when you are ready."
struct CloneOrder {
  int id = 0;
  int seat = 0;
  Descriptor news{};
};

/// Two ends that are connected: messages stay apart, and the end of one is seen
/// at the other. Throws std::system_error.
std::pair<Descriptor, Descriptor> make_template_channel();

/// The supervisor's side: the pid of the clone, or nothing with errno when the
/// template cannot make one or does not answer within `limit`.
std::optional<pid_t> order_clone(const Descriptor& channel,
                                 const CloneOrder& order, milliseconds limit);

/// The template's side: waits for the next order; nothing when the supervisor
/// is gone.
std::optional<CloneOrder> next_order(const Descriptor& channel);
/// `pid` as of clone_sibling(), with its errno.
void answer_order(const Descriptor& channel, pid_t pid);

}  // namespace launch
