#include "cli/process_flags.hpp"

#include <array>
#include <filesystem>

#include "cli/command.hpp"
#include "modes/process/env_file.hpp"
#include "modes/process/find_identity.hpp"

namespace launch::cli {
namespace {

struct FlagRow {
  const char* flag;
  std::string ProcessFlags::*value;
  const char* kind;
  const char* help;
};

constexpr std::array kFlags{
    FlagRow{"--env-file", &ProcessFlags::env_file, "PATH",
            "NAME=value lines for the environment of the app, read again for "
            "each worker that starts; default: none"},
    FlagRow{"--pid-file", &ProcessFlags::pid_file, "PATH",
            "Holds the pid while the server runs; default: none"},
    FlagRow{"--ready-file", &ProcessFlags::ready_file, "PATH",
            "Holds the line of --ready-fd from when all workers are ready to "
            "the end; default: none"},
    FlagRow{"--user", &ProcessFlags::user, "NAME|UID",
            "As whom the app runs, once the addresses are bound; only for "
            "root; default: no change"},
    FlagRow{"--group", &ProcessFlags::group, "NAME|GID",
            "Its group; default: those of --user"},
};

/// As it is found from wherever the app changes to.
std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).string();
}

}  // namespace

void add_process_flags(CLI::App& app, ProcessFlags& flags) {
  for (const FlagRow& row : kFlags)
    app.add_option(row.flag, flags.*row.value, row.help)->option_text(row.kind);
}

ProcessPlan process_plan(const ProcessFlags& flags) {
  try {
    if (!flags.env_file.empty()) read_env_file(flags.env_file);
    return {.env_file = absolute(flags.env_file),
            .pid_file = absolute(flags.pid_file),
            .ready_file = absolute(flags.ready_file),
            .identity = find_identity(flags.user, flags.group, own_identity())};
  } catch (const EnvFileError& error) {
    throw UsageError(std::string("--env-file: ") + error.what());
  } catch (const IdentityError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace launch::cli
