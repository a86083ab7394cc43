#include "cli/exit_code.hpp"

#include <fmt/format.h>

#include "cli/command.hpp"

namespace launch::cli {

std::string exit_code_help() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeRow& row : kExitCodes)
    text +=
        fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  return text;
}

ExitCode report(const ServeResult& result) {
  if (!result.message.empty())
    fmt::print(stderr, "launch: {}\n", result.message);
  return exit_code_of(result.outcome);
}

}  // namespace launch::cli
