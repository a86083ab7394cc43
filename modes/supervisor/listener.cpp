#include "modes/supervisor/listener.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "modes/log.hpp"
#include "modes/supervisor/inherited_socket.hpp"

namespace launch {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// What to do about it, by errno of bind() or listen().
struct Advice {
  int error;
  std::string_view text;
};

constexpr std::array kAdvice{
    Advice{EADDRINUSE,
           "the address is in use by another process (choose another port, "
           "or 0 for any)"},
    Advice{EACCES,
           "this user may not bind it (ports below 1024 need privileges; "
           "choose another port)"},
    Advice{EADDRNOTAVAIL,
           "no network interface of this machine has that address (choose "
           "another address, or 0.0.0.0 for all)"},
};

[[noreturn]] void throw_listen_error(const Address& where,
                                     std::string_view reason) {
  throw std::runtime_error(
      fmt::format("cannot listen on {}: {}", to_string(where), reason));
}

[[noreturn]] void throw_listen_error(const Address& where, int error) {
  for (const Advice& advice : kAdvice)
    if (advice.error == error) throw_listen_error(where, advice.text);
  throw_listen_error(where, std::generic_category().message(error));
}

Addresses resolve(const TcpAddress& address) {
  const std::string& host = address.host;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(host.empty() ? nullptr : host.c_str(),
                    std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0)
    throw_listen_error(
        address,
        fmt::format("the host name cannot be resolved: {} (choose another name "
                    "or write its address)",
                    ::gai_strerror(error)));
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

bool is_tcp(const Bound& bound) { return bound.port != 0; }

/// Where a socket listens, with its real port.
void name(Bound& bound) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(bound.fd.get(), generic, &size) != 0)
    throw std::system_error(errno, std::generic_category(), "getsockname");
  if (address.ss_family == AF_UNIX) {
    const char* const path = reinterpret_cast<sockaddr_un&>(address).sun_path;
    const std::size_t length = size - offsetof(sockaddr_un, sun_path);
    // An abstract name begins with a NUL and shows as "@name".
    const bool is_abstract = length > 0 && path[0] == '\0';
    bound.url = to_string(UnixAddress{
        is_abstract ? fmt::format("@{}", std::string(path + 1, length - 1))
                    : std::string(path, ::strnlen(path, length))});
    return;
  }
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const int error =
      ::getnameinfo(generic, size, host.data(), host.size(), port.data(),
                    port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (error != 0) throw std::runtime_error(::gai_strerror(error));
  bound.port = static_cast<std::uint16_t>(std::stoi(port.data()));
  bound.url = "http://" + to_string(TcpAddress{host.data(), bound.port});
}

Bound open(const TcpAddress& address, const ListenOptions& options) {
  const Addresses addresses = resolve(address);
  Bound bound;
  int error = 0;
  for (auto* entry = addresses.get(); entry && !bound.fd;
       entry = entry->ai_next) {
    bound.fd = try_to_listen(*entry, options.backlog);
    // Of several addresses, the first says most: it is the preferred one.
    if (!bound.fd && error == 0) error = errno;
  }
  if (!bound.fd) throw_listen_error(address, error);
  name(bound);
  return bound;
}

Bound open(const UnixAddress& address, const ListenOptions& options) {
  Bound bound;
  try {
    bound.fd.reset(
        ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    bound.file = SocketFile{bound.fd.get(), address.path, options.unix_mode};
  } catch (const std::runtime_error& error) {
    throw_listen_error(address, error.what());
  }
  if (::listen(bound.fd.get(), options.backlog) != 0)
    throw_listen_error(address, errno);
  bound.url = to_string(UnixAddress{bound.file.path()});
  return bound;
}

Bound open(const InheritedAddress& address, const ListenOptions&) {
  Bound bound;
  try {
    bound.fd = adopt_listening_socket(address.fd);
  } catch (const std::runtime_error& error) {
    throw_listen_error(address, error.what());
  }
  bound.inherited = true;
  name(bound);
  if (is_tcp(bound)) set_option(bound.fd.get(), IPPROTO_TCP, TCP_NODELAY);
  return bound;
}

}  // namespace

Bound bind_listener(const std::string& host, std::uint16_t port, int backlog) {
  return open(TcpAddress{host, port}, {.backlog = backlog});
}

Bound listen_on(const Address& address, const ListenOptions& options) {
  return std::visit([&](const auto& kind) { return open(kind, options); },
                    address);
}

std::vector<Bound> listen_on_all(const std::vector<Address>& addresses,
                                 const ListenOptions& options) {
  std::vector<Bound> listeners;
  listeners.reserve(addresses.size());
  for (const Address& address : addresses)
    listeners.push_back(listen_on(address, options));
  return listeners;
}

std::vector<int> descriptors_of(const std::vector<Bound>& listeners) {
  std::vector<int> descriptors;
  descriptors.reserve(listeners.size());
  for (const Bound& bound : listeners) descriptors.push_back(bound.fd.get());
  return descriptors;
}

void announce_addresses(const std::vector<Bound>& listeners) {
  for (const Bound& bound : listeners)
    log_info("launch running on {} (Press CTRL+C to quit)", bound.url);
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

void refuse_new_connections(std::vector<Bound>& listeners) {
  for (Bound& bound : listeners) {
    if (bound.inherited) continue;
    bound.file.remove();
    try {
      if (is_tcp(bound)) {
        refuse_new_connections(bound.fd.get());
      } else if (::shutdown(bound.fd.get(), SHUT_RD) != 0) {
        throw std::system_error(errno, std::generic_category(), "shutdown");
      }
    } catch (const std::system_error& error) {
      log_warning("Connections that come while stopping may be reset: {}",
                  error.what());
    }
  }
}

int kernel_backlog_limit() {
  int limit = 0;
  std::ifstream file{"/proc/sys/net/core/somaxconn"};
  return file >> limit ? limit : std::numeric_limits<int>::max();
}

std::string backlog_warning(int backlog, int limit) {
  if (backlog <= limit) return "";
  return fmt::format(
      "the kernel caps the backlog of {} at {}: raise it with sysctl -w "
      "net.core.somaxconn={}, or ask for --backlog {}",
      backlog, limit, backlog, limit);
}

}  // namespace launch
