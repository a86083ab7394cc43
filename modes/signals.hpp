#pragma once

#include <signal.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "modes/base/descriptor.hpp"

namespace launch {

/// What somebody wants who sends a signal.
enum class SignalMeaning {
  stop,
  quick_stop,
  reload,
  add_worker,
  remove_worker,
  reopen_logs,
  upgrade,
  stop_workers,  ///< of a daemon, while its socket stays open
};

/// What a signal does to each kind of process; docs/signals.md is checked
/// against these texts.
struct SignalRow {
  int number;
  SignalMeaning meaning;
  std::string_view supervisor;  ///< of prefork
  std::string_view worker;      ///< of prefork
  std::string_view alone;       ///< a mode without a supervisor
};

inline constexpr std::string_view kNeedsSupervisor =
    "one line in the log that names `--mode prefork`";

inline constexpr std::array kSignals{
    SignalRow{SIGTERM, SignalMeaning::stop, "stops gracefully; again: at once",
              "stops gracefully", "stops gracefully; again: at once"},
    SignalRow{SIGINT, SignalMeaning::stop,
              "as TERM, without waiting for idle connections",
              "as TERM, without waiting for idle connections",
              "as TERM, without waiting for idle connections"},
    SignalRow{SIGQUIT, SignalMeaning::quick_stop,
              "stops at once: what is in flight is cut", "stops at once",
              "stops at once: what is in flight is cut"},
    SignalRow{SIGHUP, SignalMeaning::reload,
              "reloads: replaces every worker, one after the other", "ignored",
              kNeedsSupervisor},
    SignalRow{SIGTTIN, SignalMeaning::add_worker, "one worker more", "ignored",
              kNeedsSupervisor},
    SignalRow{SIGTTOU, SignalMeaning::remove_worker,
              "one worker fewer, down to one", "ignored", kNeedsSupervisor},
    SignalRow{SIGUSR1, SignalMeaning::reopen_logs,
              "all workers open the access log again",
              "opens the access log again", "opens the access log again"},
    SignalRow{SIGUSR2, SignalMeaning::upgrade,
              "replaces its own program, then reloads",
              "writes the stack of each thread to the log", kNeedsSupervisor},
    SignalRow{SIGWINCH, SignalMeaning::stop_workers,
              "without a controlling terminal: stops the workers and keeps the "
              "socket until HUP; else ignored",
              "ignored", "ignored"},
};

/// The row of a signal of the table.
const SignalRow& signal_row(int number);

/// Blocks the signals of the table in this thread for good: for a process that
/// only ends now, so that an impatient Ctrl+C does not change how.
void block_signals();

/// The signals of the table as something to poll, while it lives. They are
/// blocked in this thread and in those that it starts later, so make it before
/// any other thread.
class Signals {
 public:
  /// Throws std::system_error.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Readable while a signal waits.
  int fd() const { return fd_.get(); }

  /// The next signal that came, if any; never blocks.
  std::optional<int> next();

 private:
  sigset_t signals_;
  sigset_t before_{};
  Descriptor fd_;
};

}  // namespace launch
