#include "modes/supervisor/listener.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>

namespace launch {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

std::string with_port(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port)
                 : fmt::format("{}:{}", host, port);
}

/// What to do about it, by errno of bind() or listen().
struct Advice {
  int error;
  std::string_view text;
};

constexpr std::array kAdvice{
    Advice{EADDRINUSE,
           "the address is in use by another process (choose another --port, "
           "or 0 for any)"},
    Advice{EACCES,
           "this user may not bind it (ports below 1024 need privileges; "
           "choose another --port)"},
    Advice{EADDRNOTAVAIL,
           "no network interface of this machine has that address (choose "
           "another --host, or 0.0.0.0 for all)"},
};

[[noreturn]] void throw_listen_error(const std::string& where, int error) {
  std::string reason = std::generic_category().message(error);
  for (const Advice& advice : kAdvice)
    if (advice.error == error) reason = advice.text;
  throw std::runtime_error(
      fmt::format("cannot listen on {}: {}", where, reason));
}

Addresses resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                  std::to_string(port).c_str(), &hints, &found);
  if (error != 0)
    throw std::runtime_error(fmt::format(
        "cannot listen on {}: the host name cannot be resolved: {} (choose "
        "another --host)",
        with_port(host, port), ::gai_strerror(error)));
  return {found, &::freeaddrinfo};
}

bool set_option(int fd, int level, int name) {
  const int on = 1;
  return ::setsockopt(fd, level, name, &on, sizeof(on)) == 0;
}

/// Returns no descriptor, and errno, on failure.
Descriptor try_to_listen(const addrinfo& address, int backlog) {
  Descriptor fd{::socket(address.ai_family,
                         SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const bool listening =
      fd && set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR) &&
      set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY) &&
      ::bind(fd.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(fd.get(), backlog) == 0;
  if (listening) return fd;
  const int error = errno;
  fd.reset();
  errno = error;
  return fd;
}

/// The numeric address to which the socket was bound, with its real port.
std::pair<std::string, std::uint16_t> local_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(fd, generic, &size) != 0)
    throw std::system_error(errno, std::generic_category(), "getsockname");
  const int error =
      ::getnameinfo(generic, size, host.data(), host.size(), port.data(),
                    port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (error != 0) throw std::runtime_error(::gai_strerror(error));
  return {host.data(), static_cast<std::uint16_t>(std::stoi(port.data()))};
}

}  // namespace

Bound bind_listener(const std::string& host, std::uint16_t port, int backlog) {
  const Addresses addresses = resolve(host, port);
  Descriptor fd;
  int error = 0;
  for (auto* entry = addresses.get(); entry && !fd; entry = entry->ai_next) {
    fd = try_to_listen(*entry, backlog);
    // Of several addresses, the first says most: it is the preferred one.
    if (!fd && error == 0) error = errno;
  }
  if (!fd) throw_listen_error(with_port(host, port), error);
  const auto [bound_host, bound_port] = local_address(fd.get());
  return {std::move(fd), "http://" + with_port(bound_host, bound_port),
          bound_port};
}

void refuse_new_connections(int listener) {
  // A socket filter sees the packet from its TCP header on. The last packet of
  // a handshake that is under way must pass: the client believes it is done.
  constexpr std::uint32_t kFlagsOffset = 13;
  constexpr std::uint32_t kSyn = 0x02;
  constexpr std::uint32_t kWholePacket = 0xffffffff;
  std::array program{
      sock_filter(BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOffset)),
      sock_filter(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kSyn, 0, 1)),
      sock_filter(BPF_STMT(BPF_RET | BPF_K, 0)),
      sock_filter(BPF_STMT(BPF_RET | BPF_K, kWholePacket)),
  };
  const sock_fprog filter{program.size(), program.data()};
  if (::setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
                   sizeof(filter)) != 0)
    throw std::system_error(errno, std::generic_category(),
                            "cannot refuse new connections");
}

}  // namespace launch
