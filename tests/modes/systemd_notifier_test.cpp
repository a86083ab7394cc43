#include "modes/process/systemd_notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <map>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
using namespace std::chrono_literals;
using Catch::Matchers::Matches;
using Catch::Matchers::StartsWith;

namespace {

using Variables = std::map<std::string, std::string>;

SystemdNotifier notifier_for(const Variables& variables) {
  return SystemdNotifier{[&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  }};
}

/// The service manager's end; '@' begins an abstract name.
class Manager {
 public:
  explicit Manager(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name[0] == '@') address.sun_path[0] = '\0';
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                          name.size())) == 0);
  }

  /// The next message; empty when there is none.
  std::string next() const {
    std::array<char, 4096> text{};
    const ssize_t size =
        ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  Descriptor socket_;
};

const std::string kPid = std::to_string(::getpid());
const Clock::time_point kStart{1h};

}  // namespace

TEST_CASE("systemd is told each state", "[systemd]") {
  const TemporaryFolder folder;
  const Manager manager{folder.file("notify")};
  SystemdNotifier notifier =
      notifier_for({{"NOTIFY_SOCKET", folder.file("notify")}});
  CHECK(notifier.active());
  notifier.notify_ready("serving with 3 workers");
  CHECK(manager.next() ==
        "READY=1\nSTATUS=serving with 3 workers\nMAINPID=" + kPid);
  notifier.reloading();
  CHECK_THAT(manager.next(),
             Matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=reloading"));
  notifier.status("2 of 3\nREADY=1");
  CHECK(manager.next() == "STATUS=2 of 3 READY=1");
  notifier.stopping();
  CHECK(manager.next() == "STOPPING=1\nSTATUS=stopping");
  CHECK(manager.next().empty());
}

TEST_CASE("an abstract socket is one as well", "[systemd]") {
  const std::string name = "@launch-notify-test-" + kPid;
  const Manager manager{name};
  notifier_for({{"NOTIFY_SOCKET", name}}).notify_ready("x");
  CHECK_THAT(manager.next(), StartsWith("READY=1\n"));
}

TEST_CASE("the watchdog is fed at half its time", "[systemd]") {
  const TemporaryFolder folder;
  const Manager manager{folder.file("notify")};
  SystemdNotifier notifier =
      notifier_for({{"NOTIFY_SOCKET", folder.file("notify")},
                    {"WATCHDOG_USEC", "3000000"},
                    {"WATCHDOG_PID", kPid}});
  REQUIRE(notifier.next_watchdog().has_value());
  notifier.beat(kStart);
  CHECK(manager.next() == "WATCHDOG=1");
  CHECK(notifier.next_watchdog() == kStart + 1500ms);
  notifier.beat(kStart + 1499ms);
  CHECK(manager.next().empty());
  notifier.beat(kStart + 1600ms);
  CHECK(manager.next() == "WATCHDOG=1");
  CHECK(notifier.next_watchdog() == kStart + 3100ms);
}

TEST_CASE("a watchdog that is not ours is not fed", "[systemd]") {
  const TemporaryFolder folder;
  const Manager manager{folder.file("notify")};
  const Variables ours{{"NOTIFY_SOCKET", folder.file("notify")},
                       {"WATCHDOG_USEC", "3000000"}};
  CHECK(notifier_for(ours).next_watchdog().has_value());
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{
           {"WATCHDOG_PID", "1"},
           {"WATCHDOG_USEC", "0"},
           {"WATCHDOG_USEC", "soon"}}) {
    Variables other = ours;
    other[name] = value;
    SystemdNotifier notifier = notifier_for(other);
    CHECK_FALSE(notifier.next_watchdog().has_value());
    notifier.beat(kStart);
    CHECK(manager.next().empty());
  }
}

TEST_CASE("where nobody listens nothing happens", "[systemd]") {
  const TemporaryFolder folder;
  for (const std::string& name :
       {std::string{}, folder.file("none"), std::string{"relative"},
        std::string{"@"}, '/' + std::string(200, 'x'),
        std::string{"vsock:2"}}) {
    SystemdNotifier notifier =
        notifier_for({{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", "1000"}});
    CHECK_FALSE(notifier.active());
    CHECK_FALSE(notifier.next_watchdog().has_value());
    notifier.notify_ready("x");
    notifier.beat(kStart);
  }
  SystemdNotifier nobody;
  nobody.stopping();
  CHECK_FALSE(nobody.next_watchdog().has_value());
}

TEST_CASE("a manager that does not read blocks nobody and misses nothing",
          "[systemd]") {
  const TemporaryFolder folder;
  const Manager manager{folder.file("notify")};
  SystemdNotifier notifier =
      notifier_for({{"NOTIFY_SOCKET", folder.file("notify")}});
  int sent = 0;
  while (!notifier.next_watchdog()) {  // until the queue is full
    notifier.status(std::to_string(++sent));
    REQUIRE(sent < 100'000);
  }
  notifier.stopping();
  for (int i = 1; i < sent; ++i)
    CHECK(manager.next() == "STATUS=" + std::to_string(i));
  notifier.beat(kStart);
  CHECK(manager.next() == "STATUS=" + std::to_string(sent));
  CHECK(manager.next() == "STOPPING=1\nSTATUS=stopping");
  CHECK_FALSE(notifier.next_watchdog().has_value());
}
