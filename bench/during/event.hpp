#pragma once

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>

#include "modes/base/clock.hpp"

namespace launch::bench {

/// What is done to the server, once per repetition.
enum class Act {
  signal,       ///< to its first process
  scale,        ///< TTIN and TTOU in turn, to its first process
  kill_worker,  ///< SIGKILL to its workers in turn
  stop_worker,  ///< SIGSTOP to its workers in turn
  restart,      ///< a signal, and another server once it has ended
  wait,         ///< nothing: the server does it by itself
};

/// By what our own server's workers tell that a repetition is over. All of them
/// ask for no worker that is absent.
enum class Over {
  all_replaced,     ///< every worker is another process
  any_replaced,     ///< one worker or more is another process
  victim_replaced,  ///< the process that was killed or stopped is gone
  count_changed,    ///< there is one worker more, or one fewer
  restarted,        ///< the other server is ready
};

/// Which requests the event may lose.
enum class Allowed {
  none,
  refused_while_down,   ///< connections that nobody could take
  held_by_dead_worker,  ///< one request per connection that the worker held
};

/// One thing that happens to servers.
struct Event {
  std::string_view name;
  std::string_view singular;  ///< "reload", as it is counted in sentences
  std::string_view plural;
  std::string_view summary;
  Act act = Act::signal;
  int signal = 0;  ///< of Act::signal and Act::restart
  Over over = Over::all_replaced;
  Allowed allowed = Allowed::none;
  int times = 10;           ///< how often, unless told otherwise
  milliseconds pause{0};    ///< after each repetition with our own server
  std::string_view flag{};  ///< what our own server needs for it
  /// Of that flag; without one, LoadKind::requests_per_worker.
  std::string_view flag_value{};
};

inline constexpr std::array kEvents{
    Event{"reload", "reload", "reloads",
          "HUP: every worker is replaced by a new one", Act::signal, SIGHUP,
          Over::all_replaced, Allowed::none, 20, milliseconds{100}},
    Event{"recycle", "recycled worker", "recycled workers",
          "workers are replaced after a number of requests", Act::wait, 0,
          Over::any_replaced, Allowed::none, 10, milliseconds{0},
          "--max-requests"},
    Event{"kill", "killed worker", "killed workers", "KILL to a worker in turn",
          Act::kill_worker, SIGKILL, Over::victim_replaced,
          Allowed::held_by_dead_worker, 6, milliseconds{1000}},
    Event{"hang", "hung worker", "hung workers",
          "STOP to a worker in turn, which then hangs", Act::stop_worker,
          SIGSTOP, Over::victim_replaced, Allowed::held_by_dead_worker, 3,
          milliseconds{1000}, "--hang-timeout", "2s"},
    Event{"scale", "change of scale", "changes of scale",
          "TTIN and TTOU in turn: one worker more, one fewer", Act::scale, 0,
          Over::count_changed, Allowed::none, 20, milliseconds{100}},
    Event{"stop", "stop", "stops", "TERM, and another server on the same port",
          Act::restart, SIGTERM, Over::restarted, Allowed::refused_while_down,
          5, milliseconds{1500}},
    Event{"upgrade", "upgrade", "upgrades",
          "USR2: the program itself is replaced, and every worker", Act::signal,
          SIGUSR2, Over::all_replaced, Allowed::none, 10, milliseconds{200}},
};

/// Nothing when no event has this name.
std::optional<Event> find_event(std::string_view name);

/// Whether the signal of an event may be another one: it is then sent to the
/// server's first process.
bool takes_signal(const Event& event);

/// "200 reloads", "1 reload".
std::string counted(const Event& event, int times);

}  // namespace launch::bench
