// The systemd units of docs/examples.

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
namespace fs = std::filesystem;

namespace {

std::string unit(const std::string& name) {
  return read_file(std::string(LAUNCH_DOCS) + "/examples/" + name);
}

std::string with_our_binary(std::string text) {
  const std::string installed = "/usr/bin/launch";
  const auto at = text.find("ExecStart=" + installed);
  REQUIRE(at != std::string::npos);
  return text.replace(at, 10 + installed.size(),
                      std::string("ExecStart=") + LAUNCH_BINARY);
}

}  // namespace

TEST_CASE("the units of the documentation hold what the page promises",
          "[systemd]") {
  for (const std::string line :
       {"\nType=notify\n", "\nNotifyAccess=main\n",
        "\nExecReload=kill -HUP $MAINPID\n", "\nWatchdogSec=",
        "\nRestart=on-failure\n", "\nRequires=launch.socket\n",
        "\nNoNewPrivileges=yes\n", "\nProtectSystem=strict\n"}) {
    INFO(line);
    CHECK(count(unit("launch.service"), line) == 1);
  }
  CHECK(count(unit("launch.socket"), "\nListenStream=") == 2);
  CHECK(count(unit("launch.socket"), "\nWantedBy=sockets.target\n") == 1);
}

TEST_CASE("systemd understands the units of the documentation", "[systemd]") {
  const std::string analyze = "/usr/bin/systemd-analyze";
  if (!fs::exists(analyze)) {
    WARN("systemd-analyze is not installed");
    return;
  }
  const Folder folder;
  std::ofstream{folder.file("launch.service")}
      << with_our_binary(unit("launch.service"));
  std::ofstream{folder.file("launch.socket")} << unit("launch.socket");
  // What it finds, it writes to standard error.
  launch::ChildProcess verify(
      {.argv = {"/bin/sh", "-c", analyze + R"( verify --man=no "$@" 2>"$0")",
                folder.file("findings"), folder.file("launch.service"),
                folder.file("launch.socket")}});
  const auto status = verify.wait_for(kPatience);
  REQUIRE(status.has_value());
  CHECK(status->success());
  CHECK(read_file(folder.file("findings")) == "");
}
