#include "modes/app/app.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "modes/app/demo.hpp"
#include "modes/app/library.hpp"
#include "modes/http/hosted_server.hpp"
#include "modes/log.hpp"

namespace launch {
namespace {

constexpr std::string_view kDemo = "demo";
constexpr std::string_view kExtension = ".so";

bool is_symbol(std::string_view text) {
  const auto part_of_name = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  };
  return !text.empty() &&
         std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(), part_of_name);
}

/// What `call` throws, in words; nothing when it returns.
template <typename Call>
std::optional<std::string> exception_of(const Call& call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

AppSpec parse_app(std::string_view text) {
  AppSpec spec;
  spec.text = text;
  if (text == kDemo) return spec;

  // The last ".so:" divides, so that folders may have colons in their names.
  std::string_view path = text;
  if (const auto at = text.rfind(".so:"); at != std::string_view::npos) {
    path = text.substr(0, at + kExtension.size());
    const std::string_view symbol = text.substr(path.size() + 1);
    if (!is_symbol(symbol))
      throw AppError(fmt::format(
          "{}: \"{}\" is not the name of a function: write PATH.so:symbol",
          text, symbol));
    spec.symbol = symbol;
  }
  if (!path.ends_with(kExtension) || path.size() == kExtension.size())
    throw AppError(
        fmt::format("\"{}\" is not an app: name a shared library as PATH.so or "
                    "PATH.so:symbol, or the built-in demo",
                    text));
  spec.path = path;
  return spec;
}

App::App(std::unique_ptr<HostedServer> server, std::string name)
    : server_(std::move(server)), name_(std::move(name)) {}
App::App(App&&) noexcept = default;
App& App::operator=(App&&) noexcept = default;
App::~App() = default;

void App::start(const WorkerInfo& worker, const CrashReport& crash) {
  const CrashGuard guard(fmt::format("{}: a start-up hook", name_), crash);
  for (const WorkerHook& hook : server_->start_hooks())
    if (const auto error = exception_of([&] { hook(worker); }))
      throw AppError(
          fmt::format("{}: a start-up hook threw: {}", name_, *error));
  started_ = worker;
}

void App::stop() {
  const std::optional<WorkerInfo> worker = std::exchange(started_, {});
  if (!worker) return;
  const auto& hooks = server_->stop_hooks();
  const std::vector<WorkerHook> reversed(hooks.rbegin(), hooks.rend());
  for (const WorkerHook& hook : reversed)
    if (const auto error = exception_of([&] { hook(*worker); }))
      log_error("{}: a shut-down hook threw: {}", name_, *error);
}

App load_app(const AppSpec& spec) {
  auto server = std::make_unique<HostedServer>();
  AppEntry* entry = spec.built_in() ? register_demo : open_app_library(spec);
  if (const auto error = exception_of([&] { entry(*server); }))
    throw AppError(
        fmt::format("{}: its registration failed: {}", spec.text, *error));
  if (server->port_asked())
    throw AppError(fmt::format(
        "{}: it called listen(), bind_to_port() or is_valid(), but launch "
        "opens the port itself: remove the call",
        spec.text));
  server->end_registration();
  return App(std::move(server), spec.text);
}

}  // namespace launch
