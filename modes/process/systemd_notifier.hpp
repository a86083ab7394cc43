#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"

namespace launch {

/// What systemd tells a service in its environment, for that process alone.
inline constexpr std::array<const char*, 3> kNotifyVariables{
    "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"};

/// Tells systemd (Type=notify) how the service is, by datagrams to
/// NOTIFY_SOCKET; does nothing where there is none. Never blocks: what cannot
/// be taken at once waits for the next beat().
class SystemdNotifier {
 public:
  using Environment = std::function<const char*(const char* name)>;

  /// Tells nobody.
  SystemdNotifier() = default;

  /// Tells whom `environment` names. A socket that makes no sense is none.
  explicit SystemdNotifier(const Environment& environment);

  bool active() const { return static_cast<bool>(socket_); }

  /// The service runs, or runs again after reloading(): READY=1, with this
  /// process as the main one.
  void notify_ready(std::string_view status_text);
  void reloading();
  void stopping();
  /// One line for `systemctl status`.
  void status(std::string_view text);

  /// When beat() is wanted next; nothing while it is not.
  std::optional<Clock::time_point> next_watchdog() const;

  /// Keeps the watchdog quiet if its time has come. Call it only while all is
  /// well.
  void beat(Clock::time_point now);

 private:
  void send(std::string message);
  bool flush(Clock::time_point now);

  Descriptor socket_;
  std::deque<std::string> unsent_;
  std::optional<Clock::duration> interval_;
  Clock::time_point next_beat_{};
  Clock::time_point next_try_{};
};

}  // namespace launch
