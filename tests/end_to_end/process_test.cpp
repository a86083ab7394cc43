// How a server stands among other processes: its files, its rights, systemd.

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "modes/base/process_stats.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using nlohmann::json;
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

void put(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
}

void stop(Server& server) {
  server.signal(SIGTERM);
  CHECK(server.exit_code() == 0);
}

/// The service manager's end of NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                   sizeof address) == 0);
  }

  /// Whether a message that begins so comes, whatever comes before it.
  bool hears(const std::string& beginning) const {
    return until([&] {
      std::array<char, 1024> text{};
      const ssize_t size =
          ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
      return size > 0 &&
             std::string(text.data(), static_cast<std::size_t>(size))
                 .starts_with(beginning);
    });
  }

 private:
  Descriptor socket_;
};

}  // namespace

TEST_CASE("the app sees the variables of --env-file from the beginning",
          "[process]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    put(folder.file("app.env"), "# for the app\nexport GREETING='good day'\n");
    Server server(
        with(mode, {app("surroundings"), "--env-file", folder.file("app.env")}),
        {"GREETING=none"});
    CHECK(server.get("/").body == "good day");
    CHECK(server.get("/variable?name=GREETING").body == "good day");
    stop(server);
  }
}

TEST_CASE("an environment file that is none is refused with its line",
          "[process]") {
  const Folder folder;
  put(folder.file("app.env"), "A=1\nB 2\n");
  for (const Texts& mode : kModes) {
    Program program(with(mode, {"--env-file", folder.file("app.env")}));
    CHECK(program.exit_code() == 2);
    CHECK_THAT(program.err(),
               StartsWith("launch: --env-file: " + folder.file("app.env") +
                          ":2: is no variable"));
  }
}

TEST_CASE("pid and ready files are there while the server is", "[process]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    put(folder.file("ready"), "of an earlier run");
    Server server(with(mode, {"--pid-file", folder.file("pid"), "--ready-file",
                              folder.file("ready")}));
    CHECK(read_file(folder.file("pid")) == std::to_string(server.pid()) + "\n");
    REQUIRE(until([&] { return fs::exists(folder.file("ready")); }));
    const std::string line = read_file(folder.file("ready"));
    CHECK(line.ends_with("}\n"));
    CHECK(json::parse(line) == server.ready());

    Program second(
        with(mode, {"--port", "0", "--pid-file", folder.file("pid")}));
    CHECK(second.exit_code() == 1);
    CHECK_THAT(second.err(), Contains("runs with that pid file"));
    stop(server);
    CHECK(fs::is_empty(folder.file("")));
  }
}

TEST_CASE("a server that was killed leaves files that the next one replaces",
          "[process]") {
  const Folder folder;
  const Texts flags{"--pid-file", folder.file("pid"), "--ready-file",
                    folder.file("ready")};
  {
    const Server killed(flags);
    killed.signal(SIGKILL);
    CHECK(until([&] { return killed.ended(); }));
  }
  CHECK(fs::exists(folder.file("pid")));
  Program failed(with(flags, {app("throws_at_start"), "--port", "0"}));
  CHECK(failed.exit_code() == 3);
  CHECK(fs::is_empty(folder.file("")));
}

TEST_CASE("systemd is told of the start and the stop, the app is told nothing",
          "[process]") {
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    const Manager manager{folder.file("notify")};
    Server server(
        with(mode, {app("surroundings")}),
        {"NOTIFY_SOCKET=" + folder.file("notify"), "WATCHDOG_USEC=20000"});
    CHECK(manager.hears("READY=1\nSTATUS="));
    CHECK(manager.hears("WATCHDOG=1"));
    CHECK(manager.hears("WATCHDOG=1"));
    for (const std::string name : {"NOTIFY_SOCKET", "WATCHDOG_USEC"})
      CHECK(server.get("/variable?name=" + name).body == "(none)");
    server.signal(SIGTERM);
    CHECK(manager.hears("STOPPING=1"));
    CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("the app runs as the user that was asked for", "[process]") {
  if (::geteuid() != 0) {
    WARN("only root can try it");
    return;
  }
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    Server server(
        with(mode, {app("surroundings"), "--user", "65533", "--group", "65532",
                    "--access-log-file", folder.file("access.log")}));
    const std::string expected = "65533 65533 65532 65532 groups";
    CHECK(server.get("/who").body == expected);
    CHECK(server.get("/who-registered").body == expected);
    stop(server);
  }
}

TEST_CASE("a log file belongs to who writes it", "[process]") {
  if (::geteuid() != 0) {
    WARN("only root can try it");
    return;
  }
  for (const Texts& mode : kModes) {
    INFO(mode[1]);
    const Folder folder;
    fs::permissions(folder.file(""), fs::perms{0755});
    const std::string log = folder.file("access.log");
    Server server(with(mode, {"--user", "65533", "--group", "65532",
                              "--access-log-file", log}));
    CHECK(server.get("/").status == 200);
    CHECK(until([&] { return count(read_file(log), "GET / ") == 1; }));
    struct stat status {};
    CHECK(::stat(log.c_str(), &status) == 0);
    CHECK(status.st_uid == 65'533);
    CHECK(count(server.err(), "WARNING") == 0);
    stop(server);
  }
}

TEST_CASE("a reload reads the environment file afresh and tells systemd",
          "[process]") {
  const Folder folder;
  const Manager manager{folder.file("notify")};
  const std::string variables = folder.file("app.env");
  put(variables, "GREETING=one\n");
  Server server({app("surroundings"), "--mode", "prefork", "--workers", "2",
                 "--env-file", variables},
                {"NOTIFY_SOCKET=" + folder.file("notify")});
  CHECK(manager.hears("READY=1"));
  CHECK(server.get("/").body == "one");
  put(variables, "GREETING=two\n");
  server.signal(SIGHUP);
  CHECK(manager.hears("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(manager.hears("READY=1"));
  // An old worker that is told to leave may still take what comes now.
  CHECK(until([&] { return server.get("/").body == "two"; }));

  put(variables, "GREETING\n");
  server.signal(SIGHUP);
  CHECK(manager.hears("RELOADING=1"));
  CHECK(manager.hears("READY=1"));
  CHECK(server.says(variables + ":1: is no variable"));
  CHECK(server.get("/").body == "two");
  stop(server);
}

TEST_CASE("the first process of a container reaps what it did not start",
          "[process]") {
  const Texts first_of_a_namespace{"/usr/bin/unshare", "--fork", "--pid",
                                   "--kill-child"};
  launch::ChildProcess possible(
      {.argv = with(first_of_a_namespace, {"/bin/true"})});
  if (const auto status = possible.wait_for(kPatience);
      !status || !status->success()) {
    WARN("only root can try it");
    return;
  }
  const auto sleepers = [](const Server& server) {
    std::size_t found = 0;
    for (const pid_t pid : launch::process_tree(server.pid()))
      found +=
          count(read_file("/proc/" + std::to_string(pid) + "/comm"), "sleep");
    return found;
  };
  // The shell becomes the server, which has a child that it knows nothing of.
  const Server server(
      {"--mode", "prefork", "--workers", "2", "--port", "0"}, {},
      {.wrapper = with(first_of_a_namespace,
                       {"/bin/sh", "-c", "sleep 1 & exec \"$@\"", "sh"})});
  CHECK(until([&] { return sleepers(server) == 0; }));
  CHECK(server.get("/").status == 200);
  CHECK(count(server.err(), "WARNING") == 0);
}
