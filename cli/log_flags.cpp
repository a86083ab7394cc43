#include "cli/log_flags.hpp"

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/validators.hpp"

namespace launch::cli {
namespace {

std::string format_help() {
  std::string text =
      "How --access-log writes a line; each ends with the duration in us, the "
      "worker and the request's id:";
  for (const AccessLogFormatRow& row : kAccessLogFormats)
    text += fmt::format("\n  {}: {}", row.name, row.summary);
  return text;
}

TrustedPeers parse_peers(std::string_view source, const std::string& list) {
  try {
    return TrustedPeers{list};
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("{}: {}", source, error.what()));
  }
}

}  // namespace

void add_log_flags(CLI::App& app, LogFlags& flags) {
  app.add_flag("--access-log", flags.access_log,
               "Write a line for each request; off by default");
  app.add_option("--access-log-format", flags.format, format_help())
      ->check(one_of("access log format", names_of(kAccessLogFormats)))
      ->option_text("FORMAT [common]");
  app.add_option("--access-log-file", flags.file,
                 "Where --access-log writes, as in --access-log-file "
                 "access.log; - is standard output")
      ->option_text("PATH [-]");
  app.add_option("--forwarded-allow-ips", flags.forwarded_allow_ips,
                 "Proxies whose X-Forwarded-For, X-Forwarded-Proto, Forwarded "
                 "and X-Request-Id are believed: addresses and networks, as "
                 "in --forwarded-allow-ips 10.0.0.0/8,::1, unix: for Unix "
                 "sockets, * for everybody")
      ->option_text(fmt::format("LIST [{}]", TrustedPeers::kLoopback));
}

AccessLogPlan access_log_plan(const LogFlags& flags) {
  AccessLogPlan plan;
  plan.on = flags.access_log || flags.format || flags.file;
  if (flags.format) plan.format = find_access_log_format(*flags.format).value();
  if (flags.file) plan.file = *flags.file;
  return plan;
}

TrustedPeers trusted_peers(const LogFlags& flags,
                           const std::optional<std::string>& variable) {
  if (flags.forwarded_allow_ips)
    return parse_peers("--forwarded-allow-ips", *flags.forwarded_allow_ips);
  if (variable)
    return parse_peers("the environment variable FORWARDED_ALLOW_IPS",
                       *variable);
  return {};
}

}  // namespace launch::cli
