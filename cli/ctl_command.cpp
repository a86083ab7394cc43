// `launch ctl COMMAND`: talks to a service over its control socket.

#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/control_flags.hpp"
#include "cli/ctl_socket.hpp"
#include "cli/ctl_top.hpp"
#include "cli/ctl_view.hpp"
#include "cli/screen.hpp"
#include "cli/validators.hpp"
#include "modes/control/control_client.hpp"
#include "modes/control/status_json.hpp"

namespace launch::cli {
namespace {

/// A supervisor answers within milliseconds; one that does not is stuck.
constexpr milliseconds kPatience{10'000};

struct CtlFlags {
  CtlTarget target;
  bool json = false;
  int workers = 1;
  std::optional<int> times;
};

bool is_answered_at_once(ControlKind kind) {
  return kind == ControlKind::status || kind == ControlKind::workers;
}

/// What is typed wins over the variable that also names a server's socket.
ControlClient connect(CtlTarget target, std::optional<milliseconds> patience) {
  if (!target.control && !target.pid)
    target.control = environment("LAUNCH_CONTROL");
  return ControlClient{find_control_socket(target, control_folder(environment)),
                       patience};
}

void show(ControlKind kind, ControlClient& service) {
  const auto status = parse_status(service.ask({ControlKind::status}).data);
  if (!status) throw std::runtime_error("the service has no status to show");
  const std::size_t width = terminal_size().width;
  fmt::print("{}", kind == ControlKind::workers ? workers_text(*status, width)
                                                : status_text(*status, width));
}

ExitCode ask(ControlKind kind, const CtlFlags& flags) {
  const bool at_once = is_answered_at_once(kind);
  ControlClient service =
      connect(flags.target, at_once ? std::optional{kPatience} : std::nullopt);
  if (at_once && !flags.json) {
    show(kind, service);
    return ExitCode::ok;
  }
  const bool counts =
      kControlCommands[static_cast<std::size_t>(kind)].counts_workers;
  const ControlAnswer answer = service.ask({kind, counts ? flags.workers : 0});
  if (kind == ControlKind::stop && answer.ok) service.wait_for_end();
  if (flags.json) {
    fmt::print("{}\n", at_once && answer.ok
                           ? answer.data
                           : verdict_answer(answer.ok, answer.message));
  } else if (answer.ok) {
    fmt::print("{}\n", kind == ControlKind::stop ? "stopped" : answer.message);
  }
  if (!answer.ok) fmt::print(stderr, "launch: {}\n", answer.message);
  return answer.ok ? ExitCode::ok : ExitCode::failed;
}

ExitCode top(const CtlFlags& flags) {
  ControlClient service = connect(flags.target, kPatience);
  run_top(service, flags.times);
  return ExitCode::ok;
}

void add_flags(CLI::App& command, CtlFlags& flags) {
  auto* const control =
      command
          .add_option("--control", flags.target.control,
                      "The service's control socket, as its --control "
                      "names it; default: the only one in the default "
                      "folder")
          ->option_text("PATH");
  command
      .add_option("--pid", flags.target.pid,
                  "The service with that pid, as in --pid 1234")
      ->check(whole_number(1, 1 << 30))
      ->excludes(control)
      ->option_text("PID");
  command.add_flag("--json", flags.json, "Print the answer as JSON");
}

}  // namespace

void add_ctl_command(CLI::App& app, ExitCode& result) {
  auto flags = std::make_shared<CtlFlags>();
  CLI::App& command = *app.add_subcommand(
      "ctl", "Show, reload, scale and stop a running service");
  add_flags(command, *flags);
  command.require_subcommand(1);
  for (const ControlCommandRow& row : kControlCommands) {
    const auto kind = static_cast<ControlKind>(&row - kControlCommands.data());
    CLI::App& sub = *command.add_subcommand(std::string(row.name),
                                            std::string(row.summary));
    sub.fallthrough();
    if (row.counts_workers)
      sub.add_option("N", flags->workers, "Workers, as in scale 4")
          ->required()
          ->check(whole_number(1, kMostScale));
    sub.callback([flags, &result, kind] { result = ask(kind, *flags); });
  }
  CLI::App& live = *command.add_subcommand(
      "top", "Show a live view of the workers, until q");
  live.fallthrough();
  live.add_option("--times", flags->times, "End after so many frames")
      ->check(whole_number(1, 1'000'000))
      ->option_text("N");
  live.callback([flags, &result] { result = top(*flags); });
}

}  // namespace launch::cli
