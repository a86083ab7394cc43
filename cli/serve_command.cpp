// `launch [APP] [--mode M] ...`: the command when no other is named.

#include <memory>

#include "cli/command.hpp"
#include "cli/serve_flags.hpp"
#include "modes/signals.hpp"

namespace launch::cli {

void add_serve_command(CLI::App& app, ExitCode& result) {
  auto flags = std::make_shared<ServeFlags>();
  add_serve_flags(app, *flags);
  app.callback([&app, flags, &result] {
    if (!app.get_subcommands().empty()) return;
    const ResolvedFlags resolved =
        resolve(*flags, environment, machine_figures());
    forget_socket_activation();
    set_log_level(resolved.plan.log_level);
    for (const std::string& remark : resolved.remarks) log_info("{}", remark);
    const ServeResult served = serve(resolved.plan);
    block_signals();
    result = report(served);
  });
}

}  // namespace launch::cli
