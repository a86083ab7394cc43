#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/environment.hpp"
#include "modes/serve.hpp"

namespace launch::cli {

/// The flags that say where to listen, as they were typed; nothing where a
/// flag was not given.
struct BindFlags {
  std::vector<std::string> binds;
  std::optional<std::string> host;
  std::optional<int> port;
  std::optional<int> backlog;
  std::optional<std::string> unix_mode;
};

void add_bind_flags(CLI::App& app, BindFlags& flags);

/// Fills `plan.binds` and `plan.listen`: from the flags, else from the sockets
/// that systemd passed (LISTEN_FDS), else from LAUNCH_BIND, else from
/// LAUNCH_HOST, LAUNCH_PORT and PORT. `remarks` gets what was ignored. Throws
/// UsageError.
void resolve_binds(const BindFlags& flags, const Environment& environment,
                   ServePlan& plan, std::vector<std::string>& remarks);

/// Addresses as `source` gives them: a flag or a variable, which a sentence on
/// a bad one, or on one that is given twice, names. Throws UsageError.
std::vector<Address> parse_addresses(std::string_view source,
                                     const std::vector<std::string>& texts);

/// Removes systemd's variables from our environment, so that no child takes
/// our sockets for its own.
void forget_socket_activation();

}  // namespace launch::cli
