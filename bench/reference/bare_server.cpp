// The limit: what the kernel alone costs when one thread answers HTTP over
// keep-alive connections. It reads no request line, routes nothing and sends a
// constant, so no server that looks at its requests can be cheaper.
//
// bare_server [--port N] [--body-bytes N]
//
// The answer's body is "Hello, world!", or N bytes for comparison with servers
// that answer as many.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Pipelined requests are answered by several copies of the answer in one
/// write, as long as these take no more memory than this.
constexpr std::size_t kMaxCopies = 64;
constexpr std::size_t kMaxCopiedBytes = 256 * 1024;

std::string answer_with(std::string_view body) {
  return "HTTP/1.1 200 OK\r\n"
         "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
         "Server: bare\r\n"
         "Content-Type: text/plain\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

struct Connection {
  std::size_t matched = 0;  ///< bytes of the end of a head seen so far
  std::size_t owed = 0;     ///< bytes of answers not yet accepted by the kernel
};

/// Counts the heads that end in `bytes`, wherever reads have cut them.
std::size_t count_requests(std::string_view bytes, std::size_t& matched) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::size_t requests = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (matched == 0) i = std::min(bytes.find('\r', i), bytes.size());
    if (i == bytes.size()) break;
    if (bytes[i] != kEnd[matched]) {
      matched = bytes[i] == '\r' ? 1 : 0;
    } else if (++matched == kEnd.size()) {
      ++requests;
      matched = 0;
    }
  }
  return requests;
}

class BareServer {
 public:
  BareServer(std::uint16_t port, const std::string& answer)
      : answer_size_(answer.size()) {
    const std::size_t copies =
        std::clamp<std::size_t>(kMaxCopiedBytes / answer_size_, 1, kMaxCopies);
    for (std::size_t i = 0; i < copies; ++i) answers_ += answer;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    listening_ = ::bind(listener_, generic, length) == 0 &&
                 ::listen(listener_, SOMAXCONN) == 0 &&
                 ::getsockname(listener_, generic, &length) == 0;
    port_ = ntohs(address.sin_port);
  }

  bool listening() const { return listening_; }
  int port() const { return port_; }

  /// Serves until a signal can be read from `stop`.
  void run(int stop) {
    watch(EPOLL_CTL_ADD, stop, EPOLLIN);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    std::array<epoll_event, 256> events;
    for (;;) {
      const int ready = ::epoll_wait(epoll_, events.data(), 256, -1);
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == stop) return;
        if (fd == listener_)
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
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
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
    connection.owed =
        answer_size_ *
        count_requests({buffer_.data(), static_cast<std::size_t>(received)},
                       connection.matched);
    if (connection.owed > 0 && send_owed(fd))
      watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
  }

  void write_owed(int fd) {
    if (!send_owed(fd)) watch(EPOLL_CTL_MOD, fd, EPOLLIN);
  }

  /// Sends what is owed; true when some of it must wait. All answers are the
  /// same bytes, so their number tells where the next write begins.
  bool send_owed(int fd) {
    std::size_t& owed = connections_[static_cast<std::size_t>(fd)].owed;
    while (owed > 0) {
      const std::size_t begin =
          (answer_size_ - owed % answer_size_) % answer_size_;
      const std::size_t size = std::min(owed, answers_.size() - begin);
      const ssize_t sent =
          ::send(fd, answers_.data() + begin, size, MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return true;
      if (sent < 0) {
        owed = 0;
        ::close(fd);
        return false;
      }
      owed -= static_cast<std::size_t>(sent);
    }
    return false;
  }

  int epoll_ = ::epoll_create1(0);
  int listener_ = -1;
  bool listening_ = false;
  std::uint16_t port_ = 0;
  const std::size_t answer_size_;
  std::string answers_;
  std::vector<Connection> connections_;  ///< by descriptor
  std::array<char, 65536> buffer_;
};

template <typename Number>
bool parse(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && parsed_to == end;
}

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
    if (flag == "--port" && parse(argv[i + 1], options.port)) continue;
    if (flag != "--body-bytes" || !parse(argv[i + 1], size) || size > kMaxBody)
      return std::nullopt;
    options.body.assign(size, 'x');
  }
  if (argc % 2 == 0) return std::nullopt;
  return options;
}

/// As many connections as the machine lets one process hold.
void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    std::fprintf(stderr, "usage: bare_server [--port N] [--body-bytes N]\n");
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  raise_descriptor_limit();

  static BareServer server(options->port, answer_with(options->body));
  if (!server.listening()) {
    std::fprintf(stderr, "bare_server: cannot listen on 127.0.0.1:%d: %s\n",
                 options->port, std::strerror(errno));
    return 1;
  }
  std::printf("listening on 127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.run(::signalfd(-1, &signals, 0));
  return 0;
}
