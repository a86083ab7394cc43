#include "cli/bind_flags.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <variant>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/validators.hpp"

namespace launch::cli {
namespace {

constexpr int kMostPorts = 65'535;
constexpr int kMostBacklog = 1'000'000;
constexpr std::size_t kMostBinds = 64;
constexpr int kFirstActivatedFd = 3;  ///< sd_listen_fds(3)

CLI::Validator permissions() {
  return {[](std::string& text) {
            const bool is_octal =
                text.find_first_not_of("01234567") == std::string::npos;
            const bool is_mode =
                is_octal &&
                (text.size() == 3 || (text.size() == 4 && text.front() == '0'));
            if (is_mode) return std::string{};
            return fmt::format(
                "\"{}\" is not a file mode: write, say, 0660 or 0666", text);
          },
          ""};
}

/// The sockets that systemd, or whoever acts like it, passed to this process.
int activated_sockets(const Environment& environment) {
  if (environment("LISTEN_PID") != std::to_string(::getpid())) return 0;
  const auto count = environment("LISTEN_FDS");
  return count ? parse_number("LISTEN_FDS", *count, 1,
                              static_cast<int>(kMostBinds))
               : 0;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, ',');)
    parts.push_back(part);
  return parts;
}

/// Of --host and --port, each with the variables that stand for it.
TcpAddress short_form(const BindFlags& flags, const Environment& environment) {
  TcpAddress address;
  auto host = flags.host ? flags.host : environment("LAUNCH_HOST");
  const auto port = [&](const char* name, const std::string& text) {
    return static_cast<std::uint16_t>(parse_number(name, text, 0, kMostPorts));
  };
  if (flags.port) {
    address.port = static_cast<std::uint16_t>(*flags.port);
  } else if (const auto own = environment("LAUNCH_PORT")) {
    address.port = port("LAUNCH_PORT", *own);
  } else if (const auto common = environment("PORT")) {
    address.port = port("PORT", *common);
    if (!host) host = "0.0.0.0";
  }
  if (host) address.host = *host;
  return address;
}

std::vector<Address> from_environment(const Environment& environment) {
  const auto binds = environment("LAUNCH_BIND");
  if (!binds) return {short_form({}, environment)};
  for (const char* const name : {"LAUNCH_HOST", "LAUNCH_PORT"})
    if (environment(name))
      throw UsageError(
          fmt::format("the environment variables LAUNCH_BIND and {} exclude "
                      "each other: unset one",
                      name));
  return parse_addresses("LAUNCH_BIND", split(*binds));
}

std::vector<Address> addresses(const BindFlags& flags,
                               const Environment& environment) {
  const bool has_short_form = flags.host || flags.port;
  if (!flags.binds.empty()) {
    if (has_short_form)
      throw UsageError(fmt::format(
          "--bind and --host or --port exclude each other: write one more "
          "--bind {} instead",
          to_string(short_form(flags, [](const std::string&) {
            return std::optional<std::string>{};
          }))));
    return parse_addresses("--bind", flags.binds);
  }
  if (has_short_form) return {short_form(flags, environment)};
  const int activated = activated_sockets(environment);
  if (activated == 0) return from_environment(environment);
  std::vector<Address> inherited;
  for (int i = 0; i < activated; ++i)
    inherited.emplace_back(InheritedAddress{kFirstActivatedFd + i});
  return inherited;
}

template <typename Kind>
bool has(const std::vector<Address>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [](const Address& address) {
                       return std::holds_alternative<Kind>(address);
                     });
}

}  // namespace

std::vector<Address> parse_addresses(std::string_view source,
                                     const std::vector<std::string>& texts) {
  if (texts.size() > kMostBinds)
    throw UsageError(
        fmt::format("{}: {} addresses are too many, {} are the "
                    "most",
                    source, texts.size(), kMostBinds));
  std::vector<Address> addresses;
  for (const std::string& text : texts) {
    try {
      const Address address = parse_address(text);
      const auto* const tcp = std::get_if<TcpAddress>(&address);
      const bool takes_any_port = tcp != nullptr && tcp->port == 0;
      if (!takes_any_port && std::find(addresses.begin(), addresses.end(),
                                       address) != addresses.end())
        throw UsageError(
            fmt::format("{}: {} is given twice", source, to_string(address)));
      addresses.push_back(address);
    } catch (const std::invalid_argument& error) {
      throw UsageError(fmt::format("{}: {}", source, error.what()));
    }
  }
  return addresses;
}

void add_bind_flags(CLI::App& app, BindFlags& flags) {
  app.add_option("--bind", flags.binds,
                 "Where to listen; may be repeated:\n"
                 "  HOST:PORT, [IPv6]:PORT, or :PORT for every IPv4 address\n"
                 "  unix:PATH, a Unix socket\n"
                 "  fd:N, a listening socket that was inherited\n"
                 "Default: the sockets that systemd passes, or 127.0.0.1:8000")
      ->allow_extra_args(false)
      ->option_text("ADDRESS ...");
  app.add_option("--host", flags.host,
                 "Short for --bind: the address or name, as in --host 0.0.0.0; "
                 "default: 127.0.0.1, or 0.0.0.0 when the port comes from PORT")
      ->option_text("HOST");
  app.add_option("--port", flags.port,
                 "Short for --bind: the port, as in --port 8080; 0 takes any "
                 "free one, which is printed; default: 8000")
      ->check(whole_number(0, kMostPorts))
      ->option_text("PORT");
  app.add_option("--backlog", flags.backlog,
                 "Connections that may wait to be accepted, on each socket")
      ->check(whole_number(1, kMostBacklog))
      ->option_text("N [2048]");
  app.add_option("--unix-mode", flags.unix_mode,
                 "Permissions of the files of --bind unix:PATH, as in "
                 "--unix-mode 0660; default: 0666, every local user")
      ->check(permissions())
      ->option_text("MODE");
}

void resolve_binds(const BindFlags& flags, const Environment& environment,
                   ServePlan& plan, std::vector<std::string>& remarks) {
  plan.binds = addresses(flags, environment);
  const bool inherits = has<InheritedAddress>(plan.binds);
  if (activated_sockets(environment) > 0 && !inherits)
    remarks.emplace_back(
        "the sockets of LISTEN_FDS are ignored: the command line says where "
        "to listen");
  const bool has_unix = has<UnixAddress>(plan.binds);
  if (flags.unix_mode && !has_unix)
    throw UsageError("--unix-mode has no effect without --bind unix:PATH");
  if (flags.backlog && !has_unix && !has<TcpAddress>(plan.binds))
    throw UsageError(
        "--backlog has no effect on inherited sockets: whoever opened them "
        "chose it (Backlog= in a systemd socket unit)");
  if (flags.backlog) plan.listen.backlog = *flags.backlog;
  if (flags.unix_mode)
    plan.listen.unix_mode =
        static_cast<mode_t>(std::stoul(*flags.unix_mode, nullptr, 8));
}

void forget_socket_activation() {
  for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    ::unsetenv(name);
}

}  // namespace launch::cli
