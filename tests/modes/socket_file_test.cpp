#include "modes/supervisor/socket_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "modes/base/descriptor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
namespace fs = std::filesystem;

namespace {

Descriptor new_socket() {
  return Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
}

/// Why `path` cannot be bound; empty when it can.
std::string refusal_of(const std::string& path) {
  const Descriptor socket = new_socket();
  try {
    const SocketFile file{socket.get(), path, 0666};
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

mode_t permissions_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a socket's file goes with its owner", "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const Descriptor socket = new_socket();
  {
    const SocketFile file{socket.get(), path, 0666};
    CHECK(fs::is_socket(path));
    CHECK(file.path() == path);
    REQUIRE(::listen(socket.get(), 1) == 0);
    CHECK(connect_to("unix:" + path));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a moved owner removes the file once", "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const Descriptor socket = new_socket();
  SocketFile last;
  {
    SocketFile first{socket.get(), path, 0666};
    last = std::move(first);
  }
  CHECK(fs::is_socket(path));
  SocketFile other{std::move(last)};
  CHECK(fs::is_socket(path));
  other.remove();
  CHECK_FALSE(fs::exists(path));
  CHECK(other.path().empty());
  other.remove();
}

TEST_CASE("the permissions are those asked for, whatever the umask",
          "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const mode_t before = ::umask(0077);
  for (const mode_t mode : {0600u, 0660u, 0666u, 0777u}) {
    const Descriptor socket = new_socket();
    const SocketFile file{socket.get(), path, mode};
    CHECK(permissions_of(path) == mode);
  }
  CHECK(::umask(before) == 0077);
}

TEST_CASE("a file that a dead process left behind is replaced",
          "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  REQUIRE(unix_socket(path, true));  // closed again, without a trace but this
  REQUIRE(fs::is_socket(path));
  CHECK(refusal_of(path) == "");
}

TEST_CASE("a socket on which somebody listens is left alone", "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const Descriptor other = unix_socket(path, true);
  REQUIRE(other);
  CHECK(refusal_of(path) ==
        "another process listens on it (stop it, or choose another path)");
  CHECK(connect_to("unix:" + path));
}

TEST_CASE("a full queue is somebody who listens, too", "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const Descriptor other = unix_socket(path, true);
  REQUIRE(::listen(other.get(), 0) == 0);
  const Descriptor queued = connect_to("unix:" + path);
  REQUIRE(queued);
  CHECK(refusal_of(path) ==
        "another process listens on it (stop it, or choose another path)");
}

TEST_CASE("what is no socket is never removed", "[socket_file]") {
  const TemporaryFolder folder;
  const std::string reason =
      "a file that is no socket has that name, and is left alone (choose "
      "another path)";
  std::ofstream{folder.file("text")} << "mine";
  fs::create_directory(folder.file("folder"));
  fs::create_symlink("nowhere", folder.file("link"));
  for (const char* name : {"text", "folder", "link"}) {
    CHECK(refusal_of(folder.file(name)) == reason);
    CHECK(fs::exists(fs::symlink_status(folder.file(name))));
  }
  const Descriptor datagrams =
      unix_socket(folder.file("datagrams"), false, SOCK_DGRAM);
  CHECK(refusal_of(folder.file("datagrams")) ==
        "a socket of another kind has that name");
  CHECK(fs::exists(folder.file("datagrams")));
}

TEST_CASE("a folder that is not there is named as the reason",
          "[socket_file]") {
  CHECK(refusal_of("/nonexistent/socket") == "its folder does not exist");
}

TEST_CASE("the file of a successor stays", "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const Descriptor old_socket = new_socket();
  SocketFile old_file{old_socket.get(), path, 0666};
  // It listens no more: a successor takes over before it is gone.
  const Descriptor new_one = new_socket();
  const SocketFile successor{new_one.get(), path, 0666};
  old_file.remove();
  CHECK(fs::is_socket(path));
}

TEST_CASE("a forked process leaves the file to the one that made it",
          "[socket_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const Descriptor socket = new_socket();
  SocketFile file{socket.get(), path, 0666};
  CHECK(run_in_child([&] { file.remove(); }).exit_code == 0);
  CHECK(fs::is_socket(path));
}

TEST_CASE("a relative path holds when the working directory changes",
          "[socket_file]") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.file(""));
  const Descriptor socket = new_socket();
  std::optional<SocketFile> file{std::in_place, socket.get(), "socket", 0666};
  fs::current_path(before);
  CHECK(fs::is_socket(folder.file("socket")));
  file.reset();
  CHECK_FALSE(fs::exists(folder.file("socket")));
}
