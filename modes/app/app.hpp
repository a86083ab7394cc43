#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "launch/app.hpp"
#include "modes/app/crash_guard.hpp"
#include "modes/base/clock.hpp"

namespace launch {

class HostedServer;

/// Which application: the built-in `demo`, or a library and its entry symbol.
struct AppSpec {
  std::string text;  ///< as the user typed it, for messages
  std::string path;  ///< empty for the built-in demo
  std::string symbol = "launch_app";

  bool built_in() const { return path.empty(); }
};

/// "demo", "PATH.so" or "PATH.so:symbol". Throws AppError on anything else.
AppSpec parse_app(std::string_view text);

/// The application cannot be loaded or started; what() is one sentence that
/// says what was wrong, where, and what to do.
struct AppError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A loaded application: its handlers are registered on server(). The library
/// stays mapped until the process ends.
class App {
 public:
  /// `name` is what messages call it.
  explicit App(std::unique_ptr<HostedServer> server,
               std::string name = "the app");
  App(App&&) noexcept;
  App& operator=(App&&) noexcept;
  ~App();

  HostedServer& server() { return *server_; }
  const HostedServer& server() const { return *server_; }

  /// The start-up hooks, in order of registration. Throws AppError when one
  /// throws; a hook that crashes ends the process as `crash` says.
  void start(const WorkerInfo& worker, const CrashReport& crash);

  /// The shut-down hooks, in reverse order; one that throws is logged and the
  /// others still run. Does nothing unless start() returned.
  void stop();

 private:
  std::unique_ptr<HostedServer> server_;
  std::string name_;
  std::optional<WorkerInfo> started_;
};

/// Loads from a private copy of the library, so that replacing the file does
/// not disturb this process. Throws AppError.
App load_app(const AppSpec& spec);

/// Does what load_app() does in a child process and throws AppError if that
/// ends in any way but well: an error, a crash, exit(), or no end in `limit`.
/// `prepare` runs in the child first; what it throws counts as the app's error.
/// Must be called before this process starts threads.
void probe_app(const AppSpec& spec, const std::function<void()>& prepare = {},
               milliseconds limit = milliseconds{10'000});

}  // namespace launch
