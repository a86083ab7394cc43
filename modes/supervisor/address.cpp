#include "modes/supervisor/address.hpp"

#include <sys/un.h>

#include <charconv>
#include <optional>
#include <stdexcept>

#include <fmt/core.h>

namespace launch {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kInherited = "fd:";
constexpr int kMostPorts = 65'535;
constexpr int kMostDescriptors = 1'000'000;
/// The kernel's, less the NUL at the end.
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

template <typename... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
  throw std::invalid_argument(fmt::format(format, std::forward<Args>(args)...));
}

std::optional<int> whole_number(std::string_view text, int most) {
  int value = -1;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  const bool good = read.ec == std::errc{} && read.ptr == end && value >= 0 &&
                    value <= most && text.front() != '-';
  return good ? std::optional{value} : std::nullopt;
}

UnixAddress parse_unix(std::string_view text) {
  const std::string_view path = text.substr(kUnix.size());
  if (path.empty())
    refuse("\"{}\" names no path: write, say, unix:/run/app.sock", text);
  if (path.size() > kLongestPath)
    refuse("\"{}\": the path has {} bytes, and that of a socket at most {}",
           text, path.size(), kLongestPath);
  return {std::string{path}};
}

InheritedAddress parse_inherited(std::string_view text) {
  const auto fd =
      whole_number(text.substr(kInherited.size()), kMostDescriptors);
  if (!fd)
    refuse("\"{}\" names no descriptor: write its number, as in fd:3", text);
  return {*fd};
}

TcpAddress parse_tcp(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool is_whole_ipv6 = text.ends_with(']');
  if (colon == std::string_view::npos || is_whole_ipv6)
    refuse(
        "\"{}\" names no port: write HOST:PORT, [IPv6]:PORT, unix:PATH or fd:N",
        text);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of("[]:") != std::string_view::npos) {
    refuse("\"{}\": an IPv6 address stands in brackets, as in [::1]:8000",
           text);
  }
  const auto port = whole_number(text.substr(colon + 1), kMostPorts);
  if (!port)
    refuse("\"{}\": the port is not a whole number from 0 to {}", text,
           kMostPorts);
  return {host.empty() ? "0.0.0.0" : std::string{host},
          static_cast<std::uint16_t>(*port)};
}

std::string text_of(const TcpAddress& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address.host, address.port)
                 : fmt::format("{}:{}", address.host, address.port);
}
std::string text_of(const UnixAddress& address) {
  return fmt::format("{}{}", kUnix, address.path);
}
std::string text_of(const InheritedAddress& address) {
  return fmt::format("{}{}", kInherited, address.fd);
}

}  // namespace

Address parse_address(std::string_view text) {
  if (text.starts_with(kUnix)) return parse_unix(text);
  if (text.starts_with(kInherited)) return parse_inherited(text);
  return parse_tcp(text);
}

std::string to_string(const Address& address) {
  return std::visit([](const auto& kind) { return text_of(kind); }, address);
}

}  // namespace launch
