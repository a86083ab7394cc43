#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/help.hpp"
#include "modes/app/app.hpp"

namespace launch::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  launch                                 serve the built-in demo on port 8000
  launch ./orders.so --mode prefork --workers 3
  launch check ./orders.so               load it, print its routes, stop
  launch bench --compare-all             which mode is best for the demo?
  launch bench ./orders.so --compare-all --path /orders --json out.json
  launch bench --during reload           is a request lost by a reload?
)";

ExitCode fail(ExitCode code, std::string_view sentence) {
  fmt::print(stderr, "launch: {}\n", sentence);
  return code;
}

ExitCode run(int argc, char** argv) {
  CLI::App app{
      "Runs one HTTP application as one process, as supervised processes or "
      "with a pool of threads, and measures which is best for it.",
      "launch"};
  app.set_version_flag("--version", "launch " LAUNCH_VERSION);
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(0, 1);
  ExitCode result = ExitCode::ok;
  add_serve_command(app, result);
  add_bench_command(app, result);
  add_check_command(app, result);
  add_ctl_command(app, result);
  add_worker_command(app, result);
  app.footer(kExamples + ('\n' + exit_code_help()));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    app.exit(help);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();  // "--port: 1 required INT missing"
    return fail(ExitCode::usage, text.substr(0, text.find(':')) +
                                     " needs a value (see launch --help)");
  } catch (const CLI::ParseError& error) {
    return fail(ExitCode::usage,
                fmt::format("{} (see launch --help)", error.what()));
  }
  return result;
}

/// The one place where what nobody handled becomes a sentence.
ExitCode guarded(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const UsageError& error) {
    return fail(ExitCode::usage, error.what());
  } catch (const AppError& error) {
    return fail(ExitCode::app_failed, error.what());
  } catch (const std::exception& error) {
    return fail(ExitCode::failed, error.what());
  }
}

}  // namespace
}  // namespace launch::cli

int main(int argc, char** argv) {
  return static_cast<int>(launch::cli::guarded(argc, argv));
}
