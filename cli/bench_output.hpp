#pragma once

#include <atomic>
#include <cstdio>
#include <string>

#include "cli/progress.hpp"

// Where the results of a measurement go, and how it is interrupted.

namespace launch::cli {

/// From now on the first Ctrl+C (or SIGTERM) sets what is returned; the second
/// one ends the program.
const std::atomic<bool>& cancel_on_signals();

int terminal_width();

/// `when` is auto (a terminal, without NO_COLOR), always or never.
bool wants_colour(const std::string& when);

ProgressLine::Style progress_style(bool quiet);

/// Throws std::runtime_error when standard output takes no more.
void print_result(const std::string& text);

/// A file for results, opened before the measurement, so that a wrong path
/// costs no minutes.
class ResultFile {
 public:
  /// Nothing is written where `path` is empty. Throws UsageError naming `flag`
  /// when it cannot be opened.
  ResultFile(std::string flag, std::string path);
  ~ResultFile();
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;

  /// Throws std::runtime_error.
  void write(const std::string& text);

 private:
  std::string flag_;
  std::string path_;
  std::FILE* file_ = nullptr;
};

}  // namespace launch::cli
