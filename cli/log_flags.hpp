#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "modes/engine/request_log.hpp"
#include "modes/http/forwarded.hpp"

namespace launch::cli {

/// The flags on the access log and on proxies as they were typed; nothing
/// where a flag was not given.
struct LogFlags {
  bool access_log = false;
  std::optional<std::string> format;
  std::optional<std::string> file;
  std::optional<std::string> forwarded_allow_ips;
};

/// Of `launch`, and of the workers that it starts.
void add_log_flags(CLI::App& app, LogFlags& flags);

/// A format or a file asks for the log as well.
AccessLogPlan access_log_plan(const LogFlags& flags);

/// Command line over `variable`, the value of FORWARDED_ALLOW_IPS, over
/// loopback. Throws UsageError that names where the bad entry stands.
TrustedPeers trusted_peers(const LogFlags& flags,
                           const std::optional<std::string>& variable);

}  // namespace launch::cli
