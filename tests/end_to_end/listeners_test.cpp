// Where a server listens: every kind of address, in every mode.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/raw_client.hpp"

using namespace launched;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

using Texts = std::vector<std::string>;

const std::vector<Texts> kModes{
    {"--mode", "single"},
    {"--mode", "prefork", "--workers", "2"},
    {"--mode", "thread-pool", "--threads", "2"},
};

Texts with(Texts flags, const Texts& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

RawClient client_of(const std::string& url) {
  return RawClient{connect_to(url)};
}

std::string answer_of(const std::string& url) {
  return body_of(client_of(url).get("/"));
}

bool has_ipv6() {
  const Descriptor fd{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) == 0;
}

/// Starts a program as systemd does, with so many sockets from 3 on.
Start activated(int count, std::vector<launch::InheritedDescriptor> sockets) {
  return {.wrapper = {"/bin/sh", "-c",
                      "LISTEN_PID=$$ LISTEN_FDS=" + std::to_string(count) +
                          " LISTEN_FDNAMES=a:b exec \"$@\"",
                      "sh"},
          .descriptors = std::move(sockets)};
}

void stop(Server& server) {
  server.signal(SIGTERM);
  CHECK(server.exit_code() == 0);
  CHECK(server.processes().empty());
  CHECK(count(server.err(), "WARNING") == 0);
}

}  // namespace

TEST_CASE("every mode serves every kind of address at once", "[listeners]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    const Descriptor inherited = tcp_socket();
    Texts flags =
        with(mode, {"--bind", "127.0.0.1:0", "--bind",
                    "unix:" + folder.file("socket"), "--bind", "fd:7"});
    if (has_ipv6()) flags = with(flags, {"--bind", "[::1]:0"});
    Server server(flags, {}, {.descriptors = {{inherited.get(), 7}}});
    const Texts urls = server.addresses();
    REQUIRE(urls.size() >= 3);
    CHECK(urls[0].starts_with("http://127.0.0.1:"));
    CHECK(urls[1] == "unix:" + folder.file("socket"));
    CHECK(urls[2] == url_of(inherited));
    if (has_ipv6()) CHECK(urls.at(3).starts_with("http://[::1]:"));
    for (const std::string& url : urls) {
      INFO(url);
      CHECK(server.says("INFO:     launch running on " + url +
                        " (Press CTRL+C to quit)\n"));
      for (int i = 0; i < 3; ++i) CHECK(answer_of(url) == "Hello, world!");
    }
    CHECK(count(server.err(), "launch running on ") == urls.size());

    stop(server);
    CHECK_FALSE(fs::exists(folder.file("socket")));
    CHECK_FALSE(connect_to(urls[0]));
    // The inherited one is still ours, for a successor.
    CHECK(connect_to(urls[2]));
  }
}

TEST_CASE("what is in flight on any address is answered before the end",
          "[listeners]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    Server server(with(mode, {"--bind", "127.0.0.1:0", "--bind",
                              "unix:" + folder.file("socket")}));
    std::vector<RawClient> clients;
    for (const std::string& url : server.addresses()) {
      clients.push_back(client_of(url));
      clients.back().send("GET /block?ms=300 HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    REQUIRE(until([&] { return server.total("accepted") == 2; }));
    server.signal(SIGTERM);
    for (RawClient& client : clients)
      CHECK(body_of(client.receive()) == "blocked 300 ms\n");
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("who gets through to a Unix socket is answered, also at the end",
          "[listeners]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    const std::string url = "unix:" + folder.file("socket");
    Server server(with(mode, {"--bind", url}));
    std::atomic<int> answered{0};
    std::atomic<int> lost{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; ++i)
      clients.emplace_back([&] {
        while (Descriptor connected = connect_to(url)) {
          RawClient client{std::move(connected)};
          ++(body_of(client.get("/")) == "Hello, world!" ? answered : lost);
        }
      });
    CHECK(until([&] { return answered >= 50; }));
    server.signal(SIGTERM);
    for (std::thread& client : clients) client.join();
    CHECK(lost == 0);
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("a killed worker's successor serves every address", "[listeners]") {
  const Folder folder;
  Server server({"--mode", "prefork", "--workers", "1", "--bind", "127.0.0.1:0",
                 "--bind", "unix:" + folder.file("socket"), "--bind",
                 "127.0.0.1:0"});
  const pid_t killed = server.workers().at(0);
  ::kill(killed, SIGKILL);
  CHECK(server.says("died: signal 9 (SIGKILL) (it lived "));
  for (const std::string& url : server.addresses())
    CHECK(answer_of(url) == "Hello, world!");
  CHECK(server.stats().at(0).at("pid") != killed);
  server.signal(SIGTERM);
  CHECK(server.exit_code() == 0);
  CHECK_FALSE(fs::exists(folder.file("socket")));
}

TEST_CASE("a Unix socket has the permissions that were asked for",
          "[listeners]") {
  const Folder folder;
  const std::string path = folder.file("socket");
  const auto permissions = [&] {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
  };
  {
    Server server({"--bind", "unix:" + path});
    CHECK(permissions() == 0666);
    stop(server);
  }
  const Server server({"--bind", "unix:" + path, "--unix-mode", "0640"});
  CHECK(permissions() == 0640);
}

TEST_CASE("a socket file that was left behind is replaced, a live one is not",
          "[listeners]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    const std::string path = folder.file("socket");
    const Texts flags = with(mode, {"--bind", "unix:" + path});
    {
      Server killed(flags);
      killed.signal(SIGKILL);
      CHECK(until([&] { return killed.processes().empty(); }));
    }
    REQUIRE(fs::is_socket(path));
    Server server(flags);
    CHECK(answer_of("unix:" + path) == "Hello, world!");

    Program second(flags);
    CHECK(second.exit_code() == 1);
    CHECK(second.err() ==
          "launch: cannot listen on unix:" + path +
              ": another process listens on it (stop it, or choose another "
              "path)\n");
    CHECK(answer_of("unix:" + path) == "Hello, world!");
    stop(server);
    CHECK_FALSE(fs::exists(path));
  }
}

TEST_CASE("a server that ends leaves its successor's socket file",
          "[listeners]") {
  const Folder folder;
  const std::string path = folder.file("socket");
  Server first({"--bind", "unix:" + path});
  fs::rename(path, folder.file("old"));
  Server second({"--bind", "unix:" + path});
  stop(first);
  CHECK(answer_of("unix:" + path) == "Hello, world!");
}

TEST_CASE("an app that does not start leaves no socket file", "[listeners]") {
  for (const Texts& mode : kModes) {
    const Folder folder;
    Program program(with(
        mode, {app("throws_at_start"), "--bind", "unix:" + folder.file("s")}));
    CHECK(program.exit_code() == 3);
    CHECK_FALSE(fs::exists(folder.file("s")));
  }
}

TEST_CASE("a file that is no socket is left alone", "[listeners]") {
  const Folder folder;
  const std::string path = folder.file("text");
  std::FILE* const file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  std::fputs("mine", file);
  std::fclose(file);
  for (const Texts& mode : kModes) {
    Program program(with(mode, {"--bind", "unix:" + path}));
    CHECK(program.exit_code() == 1);
    CHECK_THAT(program.err(), Contains("a file that is no socket"));
    CHECK(read_file(path) == "mine");
  }
}

TEST_CASE("addresses that cannot be served are told, and how", "[listeners]") {
  struct Row {
    Texts arguments;
    int exit_code;
    std::string sentence;
  };
  const std::vector<Row> rows{
      {{"--bind", "localhost"}, 2, "names no port: write HOST:PORT"},
      {{"--bind", "::1:80"}, 2, "stands in brackets"},
      {{"--bind", "unix:"}, 2, "names no path"},
      {{"--bind", "fd:x"}, 2, "names no descriptor"},
      {{"--bind"}, 2, "--bind needs a value"},
      {{"--bind", "fd:9", "--bind", "fd:9"}, 2, "given twice"},
      {{"--bind", ":0", "--port", "1"}, 2, "--bind 127.0.0.1:1 instead"},
      {{"--unix-mode", "0600"}, 2, "no effect without --bind unix:PATH"},
      {{"--bind", "unix:/x", "--unix-mode", "rw"}, 2, "is not a file mode"},
      {{"--backlog", "0"}, 2, "from 1 to 1000000"},
      {{"--bind", "unix:/nonexistent/s"}, 1, "its folder does not exist"},
      {{"--bind", "192.0.2.1:0"}, 1, "no network interface"},
      {{"--bind", "fd:99"}, 1, "that descriptor is not open"},
      {{"--bind", "fd:0"}, 1, "that descriptor is no socket"},
  };
  const Descriptor null{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  for (const Row& row : rows) {
    INFO(row.sentence);
    Program program(row.arguments, {},
                    {.descriptors = {{null.get(), STDIN_FILENO}}});
    CHECK(program.exit_code() == row.exit_code);
    CHECK(count(program.err(), "launch: ") == 1);
    CHECK_THAT(program.err(), Contains(row.sentence));
  }
  Program variable({}, {"LAUNCH_BIND=unix:"});
  CHECK(variable.exit_code() == 2);
  CHECK_THAT(variable.err(), Contains("LAUNCH_BIND: \"unix:\" names no path"));
}

TEST_CASE("LAUNCH_BIND names addresses, too", "[listeners]") {
  const Folder folder;
  const Program program(
      {}, {"LAUNCH_BIND=127.0.0.1:0,unix:" + folder.file("socket")});
  CHECK(program.says("launch running on http://127.0.0.1:"));
  CHECK(program.says("launch running on unix:" + folder.file("socket")));
}

TEST_CASE("systemd's sockets are served in every mode", "[listeners]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    const Descriptor tcp = tcp_socket();
    const Descriptor local = unix_socket(folder.file("socket"), true);
    Server server(mode, {"PORT=1"},
                  activated(2, {{tcp.get(), 3}, {local.get(), 4}}));
    CHECK(server.addresses() ==
          Texts{url_of(tcp), "unix:" + folder.file("socket")});
    for (const std::string& url : server.addresses())
      CHECK(answer_of(url) == "Hello, world!");
    for (const pid_t worker : server.workers())
      if (worker != server.pid())
        CHECK(count(read_file("/proc/" + std::to_string(worker) + "/environ"),
                    "LISTEN_") == 0);
    stop(server);
    // They are systemd's: both wait for the next start.
    CHECK(fs::is_socket(folder.file("socket")));
    CHECK(connect_to(url_of(tcp)));
    CHECK(connect_to("unix:" + folder.file("socket")));
  }
}

TEST_CASE("the command line wins over systemd's sockets", "[listeners]") {
  const Descriptor tcp = tcp_socket();
  const Server server({"--port", "0"}, {}, activated(1, {{tcp.get(), 3}}));
  CHECK(server.addresses() != Texts{url_of(tcp)});
  CHECK(count(server.err(), "the sockets of LISTEN_FDS are ignored") == 1);

  Program missing({}, {}, activated(1, {}));
  CHECK(missing.exit_code() == 1);
  CHECK_THAT(missing.err(), Contains("cannot listen on fd:3: "));
}

TEST_CASE("a backlog that the kernel caps is told once", "[listeners]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Server server(with(mode, {"--backlog", "1000000", "--bind",
                                    "127.0.0.1:0", "--bind", "127.0.0.1:0"}));
    CHECK(count(server.err(),
                "WARNING:  the kernel caps the backlog of 1000000 at ") == 1);
  }
  const Server server({"--backlog", "1"});
  CHECK(count(server.err(), "backlog") == 0);
}
