#include "modes/supervisor/worker_command.hpp"

#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace launch {
namespace {

void append_log_flags(std::vector<std::string>& argv, const ServePlan& plan) {
  if (plan.trusted_peers.text() != TrustedPeers::kLoopback)
    argv.insert(argv.end(),
                {"--forwarded-allow-ips", plan.trusted_peers.text()});
  if (!plan.access_log.on) return;
  argv.insert(argv.end(), {"--access-log-format",
                           std::string(to_string(plan.access_log.format)),
                           "--access-log-file", plan.access_log.file});
}

}  // namespace

std::vector<std::string> worker_argv(const ServePlan& plan,
                                     const std::string& program, int id,
                                     int seat) {
  std::vector<std::string> argv{
      program,
      "__worker",
      "--app",
      plan.app.built_in() ? "demo" : plan.app.text,
      "--id",
      std::to_string(id),
      "--seat",
      std::to_string(seat),
      "--workers",
      std::to_string(plan.shape.workers),
      "--threads",
      std::to_string(plan.shape.threads),
      "--listeners",
      std::to_string(plan.binds.size()),
      "--graceful-timeout-ms",
      std::to_string(plan.graceful_timeout.count()),
      "--log-level",
      std::string(to_string(plan.log_level)),
  };
  if (plan.supervision.accept != AcceptStrategy::shared) {
    argv.emplace_back("--accept");
    argv.emplace_back(to_string(plan.supervision.accept));
  }
  append_log_flags(argv, plan);
  for (std::size_t i = 0; i < kLimits.size(); ++i)
    if (plan.limits[i])
      argv.push_back("--" + std::string(kLimits[i].name) + '=' +
                     limit_text(kLimits[i].unit, *plan.limits[i]));
  return argv;
}

std::string own_program() {
  std::string link = "/proc/self/exe";
  std::error_code error;
  const auto program = std::filesystem::read_symlink(link, error);
  // A removed file shows as "NAME (deleted)", which is no program.
  if (error || ::access(program.c_str(), X_OK) != 0) return link;
  return program.string();
}

}  // namespace launch
