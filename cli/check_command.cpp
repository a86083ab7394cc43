// `launch check [APP] [flags]`: loads and validates, serves nothing.

#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/serve_flags.hpp"
#include "modes/http/hosted_server.hpp"

namespace launch::cli {
namespace {

std::string description(const AccessLogPlan& log) {
  if (!log.on) return "off";
  return fmt::format("{} to {}", to_string(log.format),
                     log.file == "-" ? "standard output" : log.file);
}

void print_settings(const ServePlan& plan) {
  const auto row = [](std::string_view name, const auto& value) {
    fmt::print("{:<18}{}\n", name, value);
  };
  row("app", plan.app.built_in() ? plan.app.text
                                 : plan.app.path + ':' + plan.app.symbol);
  row("mode", fmt::format("{} ({})", plan.mode.name, plan.mode.summary));
  row("workers", plan.shape.workers);
  row("threads", plan.shape.threads);
  for (const Address& address : plan.binds) row("bind", to_string(address));
  for (const Address& address : plan.control.admin_binds)
    row("admin", to_string(address));
  row("control", plan.control.socket ? plan.control.socket->path : "none");
  row("graceful-timeout", fmt::format("{} ms", plan.graceful_timeout.count()));
  row("access-log", description(plan.access_log));
  row("trusted proxies",
      plan.trusted_peers.text().empty() ? "none" : plan.trusted_peers.text());
}

void print_app(HostedServer& server, const LimitSettings& settings) {
  fmt::print("{}", limits_text({settings, server}));
  fmt::print("{:<18}{}\n", "routes", server.routes().size());
  for (const Route& route : server.routes())
    fmt::print("  {:<8}{}\n", route.method, route.pattern);
}

ExitCode run(const ServeFlags& flags) {
  const ResolvedFlags resolved = resolve(flags, environment, machine_figures());
  forget_socket_activation();
  for (const std::string& remark : resolved.remarks)
    fmt::print(stderr, "launch: {}\n", remark);
  try {
    const auto prepare = [&] { prepare_for_app(resolved.plan.process); };
    probe_app(resolved.plan.app, prepare);
    prepare();
    App app = load_app(resolved.plan.app);
    print_settings(resolved.plan);
    print_app(app.server(), resolved.plan.limits);
  } catch (const AppError& error) {
    return report({Outcome::app_failed, error.what()});
  }
  return ExitCode::ok;
}

}  // namespace

void add_check_command(CLI::App& app, ExitCode& result) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App& command = *app.add_subcommand(
      "check",
      "Load and validate an app, print the effective settings, serve nothing");
  add_serve_flags(command, *flags);
  command.footer(exit_code_help());
  command.callback([flags, &result] { result = run(*flags); });
}

}  // namespace launch::cli
