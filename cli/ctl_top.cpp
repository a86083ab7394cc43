#include "cli/ctl_top.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>

#include "cli/ctl_view.hpp"
#include "cli/screen.hpp"
#include "modes/base/clock.hpp"
#include "modes/control/status_json.hpp"
#include "modes/signals.hpp"

namespace launch::cli {
namespace {

constexpr milliseconds kPeriod{1000};

/// Whether one came that ends the view; that the window changed is none.
bool told_to_end(Signals& signals) {
  while (const auto number = signals.next()) {
    const SignalMeaning meaning = signal_row(*number).meaning;
    if (meaning == SignalMeaning::stop || meaning == SignalMeaning::reload ||
        meaning == SignalMeaning::quick_stop)
      return true;
  }
  return false;
}

/// False when the user wants the end of it before `due`.
bool wait_until(Clock::time_point due, Signals& signals, bool has_keys) {
  while (Clock::now() < due) {
    const auto left = std::chrono::ceil<milliseconds>(due - Clock::now());
    std::array waits{pollfd{signals.fd(), POLLIN, 0},
                     pollfd{has_keys ? STDIN_FILENO : -1, POLLIN, 0}};
    ::poll(waits.data(), waits.size(), static_cast<int>(left.count()));
    if (told_to_end(signals)) return false;
    if (waits[1].revents == 0) continue;
    const auto key = Screen::key();
    if (!key || *key == 'q') return false;  // none: the terminal is gone
  }
  return true;
}

ServiceStatus status_of(ControlClient& service) {
  const ControlAnswer answer = service.ask({ControlKind::status});
  const auto status = parse_status(answer.data);
  if (!status) throw std::runtime_error("the service has no status to show");
  return *status;
}

}  // namespace

void run_top(ControlClient& service, std::optional<int> times) {
  const bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool has_keys = on_terminal && ::isatty(STDIN_FILENO) == 1;
  Signals signals;
  std::unique_ptr<Screen> screen;
  std::optional<ServiceStatus> before;
  auto due = Clock::now();
  for (int frame = 0; !times || frame < *times; ++frame) {
    ServiceStatus status = status_of(service);
    if (on_terminal) {
      if (!screen) screen = std::make_unique<Screen>();
      const auto [width, height] = terminal_size();
      Screen::draw(cut_to_height(top_text(status, before, width),
                                 height > 0 ? height - 1 : 0));
    } else {
      fmt::print("{}\n", top_text(status, before, 0));
      std::fflush(stdout);
    }
    before = std::move(status);
    due = std::max(due + kPeriod, Clock::now());
    const bool is_last = times && frame + 1 == *times;
    if (!is_last && !wait_until(due, signals, has_keys)) return;
  }
}

}  // namespace launch::cli
