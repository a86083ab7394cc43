#include "cli/bench_output.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace launch::cli {
namespace {

std::atomic<bool> g_cancelled{false};
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

const std::atomic<bool>& cancel_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { g_cancelled = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
  return g_cancelled;
}

int terminal_width() {
  winsize size{};
  constexpr int kPlainWidth = 100;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return kPlainWidth;
  return size.ws_col;
}

bool wants_colour(const std::string& when) {
  if (when != "auto") return when == "always";
  const auto term = environment("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && !environment("NO_COLOR") &&
         term != "dumb";
}

ProgressLine::Style progress_style(bool quiet) {
  if (quiet) return ProgressLine::Style::none;
  const auto term = environment("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term != "dumb"
             ? ProgressLine::Style::terminal
             : ProgressLine::Style::lines;
}

void print_result(const std::string& text) {
  fmt::print("{}", text);
  if (std::fflush(stdout) != 0)
    throw std::runtime_error("the results could not be written to the output");
}

ResultFile::ResultFile(std::string flag, std::string path)
    : flag_(std::move(flag)), path_(std::move(path)) {
  if (path_.empty()) return;
  file_ = std::fopen(path_.c_str(), "we");
  if (file_ == nullptr)
    throw UsageError(fmt::format("{} {}: cannot be written: {}", flag_, path_,
                                 std::generic_category().message(errno)));
}

ResultFile::~ResultFile() {
  if (file_ != nullptr) std::fclose(file_);
}

void ResultFile::write(const std::string& text) {
  if (file_ == nullptr) return;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), file_) == text.size() &&
      std::fflush(file_) == 0;
  if (!written)
    throw std::runtime_error(
        fmt::format("{} {}: the results could not be written: {}", flag_, path_,
                    std::generic_category().message(errno)));
}

}  // namespace launch::cli
