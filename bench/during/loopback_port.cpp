#include "bench/during/loopback_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <system_error>

#include "modes/base/descriptor.hpp"

namespace launch::bench {
namespace {

constexpr std::uint16_t kFirst = 10'000;
constexpr std::uint16_t kUsualFirstClient = 32'768;
constexpr int kTries = 200;

bool is_free(std::uint16_t port) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return socket && ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address),
                          sizeof address) == 0;
}

}  // namespace

std::optional<std::uint16_t> first_client_port(std::string_view range) {
  std::uint16_t first = 0;
  const auto read =
      std::from_chars(range.data(), range.data() + range.size(), first);
  if (read.ec != std::errc{}) return std::nullopt;
  return first;
}

std::uint16_t free_loopback_port() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  const std::string range{std::istreambuf_iterator<char>(file), {}};
  std::uint16_t end = first_client_port(range).value_or(kUsualFirstClient);
  // Where clients get nearly all ports there is nothing to keep clear of.
  if (end <= kFirst) end = kUsualFirstClient;
  std::random_device random;
  for (int i = 0; i < kTries; ++i) {
    const auto port =
        static_cast<std::uint16_t>(kFirst + random() % (end - kFirst));
    if (is_free(port)) return port;
  }
  throw std::system_error(errno, std::generic_category(),
                          "no free port was found for a server");
}

}  // namespace launch::bench
