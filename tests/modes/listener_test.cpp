#include "modes/supervisor/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <filesystem>
#include <limits>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

std::string message_of(const std::string& host, std::uint16_t port) {
  try {
    bind_listener(host, port);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "bound";
}

/// A connection that is under way, or done, to a port of 127.0.0.1.
Descriptor start_connecting(std::uint16_t port) {
  Descriptor fd{
      ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int result = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                               sizeof(address));
  REQUIRE((result == 0 || errno == EINPROGRESS));
  return fd;
}

bool becomes(const Descriptor& fd, short event, int milliseconds) {
  pollfd entry{fd.get(), event, 0};
  return ::poll(&entry, 1, milliseconds) == 1 && (entry.revents & event) != 0;
}

Descriptor accept_one(const Bound& bound) {
  REQUIRE(becomes(bound.fd, POLLIN, 20'000));
  return Descriptor{::accept4(bound.fd.get(), nullptr, nullptr, SOCK_CLOEXEC)};
}

int option(const Descriptor& fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  REQUIRE(::getsockopt(fd.get(), level, name, &value, &size) == 0);
  return value;
}

}  // namespace

TEST_CASE("port 0 becomes a real port that answers", "[listener]") {
  const Bound bound = bind_listener("127.0.0.1", 0);
  CHECK(bound.port != 0);
  CHECK(bound.url == "http://127.0.0.1:" + std::to_string(bound.port));
  const Descriptor client = start_connecting(bound.port);
  CHECK(accept_one(bound).get() >= 0);
}

TEST_CASE("a listener is non-blocking and closed on exec", "[listener]") {
  const Bound bound = bind_listener("127.0.0.1", 0);
  CHECK((::fcntl(bound.fd.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(bound.fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(option(bound.fd, SOL_SOCKET, SO_REUSEADDR) == 1);
  CHECK(option(bound.fd, SOL_SOCKET, SO_REUSEPORT) == 0);
}

TEST_CASE("accepted sockets send without delay", "[listener]") {
  const Bound bound = bind_listener("127.0.0.1", 0);
  const Descriptor client = start_connecting(bound.port);
  CHECK(option(accept_one(bound), IPPROTO_TCP, TCP_NODELAY) == 1);
}

TEST_CASE("a taken port is one sentence of advice", "[listener]") {
  const Bound bound = bind_listener("127.0.0.1", 0);
  CHECK(message_of("127.0.0.1", bound.port) ==
        "cannot listen on 127.0.0.1:" + std::to_string(bound.port) +
            ": the address is in use by another process (choose another "
            "port, or 0 for any)");
}

TEST_CASE("a port is free again at once", "[listener]") {
  Bound bound = bind_listener("127.0.0.1", 0);
  const Descriptor client = start_connecting(bound.port);
  accept_one(bound).reset();  // leaves the server's side in TIME_WAIT
  bound.fd.reset();
  CHECK(message_of("127.0.0.1", bound.port) == "bound");
}

TEST_CASE("an address of another machine is refused", "[listener]") {
  CHECK(message_of("192.0.2.1", 8000) ==
        "cannot listen on 192.0.2.1:8000: no network interface of this "
        "machine has that address (choose another address, or 0.0.0.0 for "
        "all)");
}

TEST_CASE("a host that does not exist is refused", "[listener]") {
  const std::string message = message_of("no such host", 8000);
  CHECK(message.find("cannot listen on no such host:8000: the host name "
                     "cannot be resolved: ") == 0);
}

TEST_CASE("a name is resolved and its address shown", "[listener]") {
  addrinfo* found = nullptr;
  if (::getaddrinfo("localhost", nullptr, nullptr, &found) != 0) {
    WARN("this machine knows no name, not even localhost: nothing to resolve");
    return;
  }
  ::freeaddrinfo(found);
  const Bound bound = bind_listener("localhost", 0);
  const std::string port = std::to_string(bound.port);
  CHECK((bound.url == "http://127.0.0.1:" + port ||
         bound.url == "http://[::1]:" + port));
}

TEST_CASE("an IPv6 address is shown in brackets", "[listener]") {
  const std::string message = message_of("::1", 0);
  if (message != "bound") {
    WARN("no IPv6 here: " << message);
    return;
  }
  const Bound bound = bind_listener("::1", 0);
  const std::string port = std::to_string(bound.port);
  CHECK(bound.url == "http://[::1]:" + port);
  CHECK(message_of("::1", bound.port)
            .find("cannot listen on [::1]:" + port + ": ") == 0);
}

TEST_CASE("refused connections get no answer, queued ones are still accepted",
          "[listener]") {
  const Bound bound = bind_listener("127.0.0.1", 0);
  const Descriptor queued = start_connecting(bound.port);
  REQUIRE(becomes(queued, POLLOUT, 20'000));
  refuse_new_connections(bound.fd.get());

  const Descriptor late = start_connecting(bound.port);
  CHECK_FALSE(becomes(late, POLLOUT, 50));

  const Descriptor accepted = accept_one(bound);
  REQUIRE(accepted.get() >= 0);
  CHECK(::send(queued.get(), "ping", 4, 0) == 4);
  REQUIRE(becomes(accepted, POLLIN, 20'000));
  CHECK(::send(accepted.get(), "pong", 4, 0) == 4);
  CHECK(becomes(queued, POLLIN, 20'000));
  CHECK(::accept4(bound.fd.get(), nullptr, nullptr, SOCK_CLOEXEC) == -1);
  CHECK(errno == EAGAIN);
}

TEST_CASE("connections cannot be refused on what is no socket", "[listener]") {
  CHECK_THROWS_AS(refuse_new_connections(-1), std::system_error);
}

TEST_CASE("a Unix socket is served by its path", "[listener]") {
  const TemporaryFolder folder;
  const Bound bound = listen_on(UnixAddress{folder.file("socket")}, {});
  CHECK(bound.url == "unix:" + folder.file("socket"));
  CHECK(bound.port == 0);
  CHECK((::fcntl(bound.fd.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(bound.fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  const Descriptor client = connect_to(bound.url);
  REQUIRE(client);
  CHECK(accept_one(bound).get() >= 0);
}

TEST_CASE("an inherited socket is told by the address that it has",
          "[listener]") {
  const TemporaryFolder folder;
  Bound tcp = bind_listener("127.0.0.1", 0);
  const int off = 0;
  ::setsockopt(tcp.fd.get(), IPPROTO_TCP, TCP_NODELAY, &off, sizeof off);
  const Bound same = listen_on(InheritedAddress{tcp.fd.release()}, {});
  CHECK(same.url == tcp.url);
  CHECK(same.port == tcp.port);
  CHECK(same.inherited);
  CHECK(option(same.fd, IPPROTO_TCP, TCP_NODELAY) == 1);

  Descriptor local = unix_socket(folder.file("socket"), true);
  const Bound adopted = listen_on(InheritedAddress{local.release()}, {});
  CHECK(adopted.url == "unix:" + folder.file("socket"));
  CHECK(adopted.file.path().empty());
}

TEST_CASE("an abstract Unix socket shows with an @", "[listener]") {
  Descriptor fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "launch test " + std::to_string(::getpid());
  name.copy(address.sun_path + 1, name.size());
  const auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(size)) == 0);
  REQUIRE(::listen(fd.get(), 1) == 0);
  CHECK(listen_on(InheritedAddress{fd.release()}, {}).url == "unix:@" + name);
}

TEST_CASE("of several addresses all are opened or none stays", "[listener]") {
  const TemporaryFolder folder;
  const UnixAddress local{folder.file("socket")};
  const std::vector<Bound> both =
      listen_on_all({TcpAddress{"127.0.0.1", 0}, local}, {});
  REQUIRE(both.size() == 2);
  CHECK(descriptors_of(both) ==
        std::vector<int>{both[0].fd.get(), both[1].fd.get()});

  const UnixAddress other{folder.file("other")};
  CHECK_THROWS_WITH(
      listen_on_all({other, TcpAddress{"127.0.0.1", both[0].port}}, {}),
      Catch::Matchers::Contains("the address is in use"));
  CHECK_FALSE(std::filesystem::exists(other.path));
  CHECK_THROWS_WITH(listen_on(local, {}),
                    "cannot listen on unix:" + local.path +
                        ": another process listens on it (stop it, or choose "
                        "another path)");
  CHECK_THROWS_WITH(listen_on(InheritedAddress{987654}, {}),
                    Catch::Matchers::StartsWith("cannot listen on fd:987654: "
                                                "that descriptor is not open"));
}

TEST_CASE("a stop refuses newcomers of a Unix socket, and keeps the queue",
          "[listener]") {
  const TemporaryFolder folder;
  std::vector<Bound> listeners =
      listen_on_all({UnixAddress{folder.file("socket")}}, {});
  const std::string url = listeners[0].url;
  const Descriptor queued = connect_to(url);
  REQUIRE(queued);
  // Whoever looked the file up before it went is refused all the same.
  std::filesystem::create_hard_link(folder.file("socket"),
                                    folder.file("still there"));
  refuse_new_connections(listeners);
  CHECK_FALSE(connect_to(url));
  CHECK(errno == ENOENT);
  CHECK_FALSE(connect_to("unix:" + folder.file("still there")));
  CHECK(errno == ECONNREFUSED);
  const Descriptor accepted = accept_one(listeners[0]);
  REQUIRE(accepted.get() >= 0);
  CHECK(::send(queued.get(), "ping", 4, 0) == 4);
  CHECK(becomes(accepted, POLLIN, 20'000));
  CHECK(::accept4(listeners[0].fd.get(), nullptr, nullptr, 0) == -1);
  CHECK(errno == EAGAIN);
}

TEST_CASE("a stop leaves an inherited socket to its owner", "[listener]") {
  const TemporaryFolder folder;
  Bound tcp = bind_listener("127.0.0.1", 0);
  Descriptor local = unix_socket(folder.file("socket"), true);
  const Descriptor of_tcp{::dup(tcp.fd.get())};
  const Descriptor of_local{::dup(local.get())};
  std::vector<Bound> listeners = listen_on_all(
      {InheritedAddress{tcp.fd.release()}, InheritedAddress{local.release()}},
      {});
  refuse_new_connections(listeners);
  listeners.clear();
  CHECK(connect_to(tcp.url));
  CHECK(connect_to("unix:" + folder.file("socket")));
}

TEST_CASE("a backlog beyond what the kernel allows is told", "[listener]") {
  CHECK(backlog_warning(2048, 4096).empty());
  CHECK(backlog_warning(4096, 4096).empty());
  CHECK(backlog_warning(2048, 128) ==
        "the kernel caps the backlog of 2048 at 128: raise it with sysctl -w "
        "net.core.somaxconn=2048, or ask for --backlog 128");
  CHECK(kernel_backlog_limit() > 0);
}
