// The limit: what the kernel alone costs when one thread answers HTTP over
// keep-alive connections. It reads no request line, routes nothing and sends a
// constant, so no server that looks at its requests can be cheaper.
//
// bare_server [--port N] [--body-bytes N]
//
// The answer's body is "Hello, world!", or N bytes for comparison with servers
// that answer as many.

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/reference/bare.hpp"

namespace launch::bench {
namespace {

struct Connection {
  RequestCounter requests;
  std::size_t owed = 0;  ///< bytes of answers not yet accepted by the kernel
};

class BareServer {
 public:
  BareServer(std::uint16_t port, std::string_view body)
      : port_(port), answer_(body), listener_(listen_locally(port_)) {}

  bool listening() const { return static_cast<bool>(listener_); }
  int port() const { return port_; }

  /// Serves until a signal can be read from `stop`.
  void run(int stop) {
    watch(EPOLL_CTL_ADD, stop, EPOLLIN);
    watch(EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
    std::array<epoll_event, 256> events;
    for (;;) {
      const int ready = ::epoll_wait(epoll_, events.data(), 256, -1);
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == stop) return;
        if (fd == listener_.get())
          accept_all();
        else if (connections_[static_cast<std::size_t>(fd)].owed > 0)
          write_owed(fd);
        else
          answer(fd);
      }
    }
  }

 private:
  void watch(int operation, int fd, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, operation, fd, &event);
  }

  void accept_all() {
    for (int fd = 0; (fd = accept_from(listener_.get())) >= 0;) {
      const auto index = static_cast<std::size_t>(fd);
      if (index >= connections_.size()) connections_.resize(index + 1);
      connections_[index] = {};
      watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  void answer(int fd) {
    const ssize_t received = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (received <= 0) {
      if (received == 0 || errno != EAGAIN) ::close(fd);
      return;
    }
    Connection& connection = connections_[static_cast<std::size_t>(fd)];
    connection.owed = answer_.size() *
                      connection.requests.count(
                          {buffer_.data(), static_cast<std::size_t>(received)});
    if (connection.owed > 0 && send_owed(fd) == Sent::some)
      watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
  }

  void write_owed(int fd) {
    if (send_owed(fd) == Sent::all) watch(EPOLL_CTL_MOD, fd, EPOLLIN);
  }

  Sent send_owed(int fd) {
    std::size_t& owed = connections_[static_cast<std::size_t>(fd)].owed;
    const Sent sent = answer_.send(fd, owed);
    if (sent == Sent::failed) {
      owed = 0;
      ::close(fd);
    }
    return sent;
  }

  int epoll_ = ::epoll_create1(0);
  std::uint16_t port_;
  const ConstantAnswer answer_;
  const Descriptor listener_;
  std::vector<Connection> connections_;  ///< by descriptor
  std::array<char, 65536> buffer_;
};

struct Options {
  std::uint16_t port = 0;
  std::string body = "Hello, world!";
};

std::optional<Options> parse(int argc, char** argv) {
  constexpr std::uint32_t kMaxBody = 64 << 20;
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    std::uint32_t size = 0;
    if (flag == "--port" && parse_number(argv[i + 1], options.port)) continue;
    if (flag != "--body-bytes" || !parse_number(argv[i + 1], size) ||
        size > kMaxBody)
      return std::nullopt;
    options.body.assign(size, 'x');
  }
  if (argc % 2 == 0) return std::nullopt;
  return options;
}

}  // namespace
}  // namespace launch::bench

int main(int argc, char** argv) {
  using namespace launch::bench;
  const auto options = parse(argc, argv);
  if (!options) {
    std::fprintf(stderr, "usage: bare_server [--port N] [--body-bytes N]\n");
    return 2;
  }
  const launch::Descriptor stop = stop_signals();
  raise_descriptor_limit(RLIM_INFINITY);

  static BareServer server(options->port, options->body);
  if (!server.listening()) {
    std::fprintf(stderr, "bare_server: cannot listen on 127.0.0.1:%d: %s\n",
                 options->port, std::strerror(errno));
    return 1;
  }
  std::printf("listening on 127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.run(stop.get());
  return 0;
}
