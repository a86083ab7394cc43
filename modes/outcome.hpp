#pragma once

#include <string>

namespace launch {

/// How serving ended; cli/ maps each to an exit code.
enum class Outcome {
  stopped,     ///< on request
  failed,      ///< address in use, I/O error
  app_failed,  ///< the app could not be loaded or started
  crash_loop,  ///< the supervisor gave up
};

/// The exit status by which a worker tells its supervisor that the app, not
/// the worker, is at fault, so that starting another one is no use.
inline constexpr int kAppFailedStatus = 3;

/// What a worker writes to its supervisor begins with one of these.
inline constexpr char kReadyNews = '+';
inline constexpr char kFailedNews = '!';

struct ServeResult {
  Outcome outcome = Outcome::stopped;
  std::string message;  ///< one sentence unless stopped
};

}  // namespace launch
