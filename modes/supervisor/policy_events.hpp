#pragma once

#include <string>
#include <variant>

#include "modes/base/child_process.hpp"
#include "modes/base/clock.hpp"
#include "modes/outcome.hpp"
#include "modes/supervisor/restart_cause.hpp"

// What a supervisor's policy is told, and what it answers. A worker has an id
// (1..workers), which its replacement takes over; its process has a seat, which
// no other living process has.

namespace launch {

// What can happen to a fleet ...
struct Ready {
  int seat;
};
struct Exited {
  int seat;
  ExitStatus status;
  std::string reason{};  ///< as the worker told it; empty if it did not
  bool out_of_memory = false;
};
/// It does nothing any more.
struct Hung {
  int seat;
  std::string reason;  ///< "it ...": why that is known
};
/// It has served long enough.
struct Worn {
  int seat;
  RestartCause cause;
};
struct ReloadAsked {};
/// Every worker is to leave, until ReloadAsked or ScaleAsked.
struct PauseAsked {};
struct ScaleAsked {
  int workers;  ///< at least 1
};
struct StopAsked {
  bool quick = false;  ///< without waiting for what is in flight
};
struct Tick {};  ///< the deadline has come; the first one starts the fleet
using Event = std::variant<Ready, Exited, Hung, Worn, ReloadAsked, PauseAsked,
                           ScaleAsked, StopAsked, Tick>;

// ... and what is to be done about it, in this order.
struct Spawn {
  int id;
  int seat;
};
/// Asks for the stack of every thread.
struct Dump {
  int seat;
};
struct Kill {
  int seat;
  int signal;
  std::string reason{};  ///< end of a sentence; empty if nothing is wrong
};
/// A worker is given up and gets a successor; only to be told.
struct Died {
  int id;
  int seat;
  ExitStatus status;  ///< none yet of one that hangs
  RestartCause cause;
  milliseconds delay;
};
/// A worker leaves as its successor is ready; only to be told.
struct Replaced {
  int id;
  RestartCause cause;
};
/// A successor did not get ready, and its predecessor stays; only to be told.
struct Stays {
  int id;
  std::string reason;
  milliseconds delay;  ///< until the next attempt
};
struct Announce {};  ///< all workers are ready, for the first time
struct Reloaded {
  std::string error;  ///< empty when every worker was replaced
};
/// No new work is to be sent to us; what comes is still served.
struct Unready {};
/// Nothing new is to be let in.
struct StopListening {};
struct Finish {
  ServeResult result;
};
using Action = std::variant<Spawn, Dump, Kill, Died, Replaced, Stays, Announce,
                            Reloaded, Unready, StopListening, Finish>;

}  // namespace launch
