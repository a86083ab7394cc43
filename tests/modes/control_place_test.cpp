#include "modes/control/control_place.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

mode_t permissions_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("the default folder is the session's, else one for the user",
          "[control_place]") {
  CHECK(default_control_folder("/run/user/7", 7) == "/run/user/7/launch");
  CHECK(default_control_folder(std::nullopt, 7) == "/tmp/launch-7");
  CHECK(default_control_folder("not/absolute", 7) == "/tmp/launch-7");
  CHECK(control_path("/tmp/launch-7", 42) == "/tmp/launch-7/42.sock");
}

TEST_CASE("a path that cannot be is explained", "[control_place]") {
  CHECK(fault_of_control_path("/run/a.sock").empty());
  CHECK(fault_of_control_path("a.sock") ==
        "it must be absolute, so that it holds whatever the working folder");
  CHECK(fault_of_control_path('/' + std::string(107, 'a')) ==
        "it has 108 bytes, and that of a socket at most 107");
  CHECK_THROWS_WITH(open_control_socket({"a.sock"}),
                    "a.sock: it must be absolute, so that it holds whatever "
                    "the working folder");
}

TEST_CASE("the socket is its owner's alone and goes with the server",
          "[control_place]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("c.sock");
  {
    const Bound bound = open_control_socket({path});
    CHECK(permissions_of(path) == 0600);
    CHECK(connect_to("unix:" + path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a socket that somebody left behind is replaced, a living one not",
          "[control_place]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("c.sock");
  unix_socket(path, true).reset();
  const Bound bound = open_control_socket({path});
  CHECK_THROWS_WITH(open_control_socket({path}),
                    "cannot listen on unix:" + path +
                        ": another process listens on it (stop it, or choose "
                        "another path)");
}

TEST_CASE("the default folder is made for its owner alone", "[control_place]") {
  const TemporaryFolder folder;
  const std::string own = folder.file("launch");
  const Bound bound = open_control_socket({own + "/1.sock", true});
  CHECK(permissions_of(own) == 0700);
}

TEST_CASE("a default folder that others can write to is refused",
          "[control_place]") {
  const TemporaryFolder folder;
  const std::string open = folder.file("open");
  std::filesystem::create_directory(open);
  ::chmod(open.c_str(), 0777);
  CHECK_THROWS_WITH(
      open_control_socket({open + "/1.sock", true}),
      "the folder " + open + " is open to others (chmod 0700 " + open + ")");
  std::filesystem::create_directory_symlink(open, folder.file("link"));
  CHECK_THROWS_WITH(
      open_control_socket({folder.file("link") + "/1.sock", true}),
      folder.file("link") + " is no folder");
  CHECK_THROWS_WITH(
      open_control_socket({folder.file("none") + "/deep/1.sock", true}),
      "the folder " + folder.file("none") +
          "/deep cannot be made: No such file or directory");
}

TEST_CASE("a default folder of another user is refused", "[control_place]") {
  if (::geteuid() != 0) {
    WARN("only root can give a folder away: not tested");
    return;
  }
  const TemporaryFolder folder;
  const std::string theirs = folder.file("theirs");
  std::filesystem::create_directory(theirs);
  REQUIRE(::chown(theirs.c_str(), 12'345, 12'345) == 0);
  CHECK_THROWS_WITH(open_control_socket({theirs + "/1.sock", true}),
                    "the folder " + theirs + " is another user's");
}

TEST_CASE("only sockets with a listener are found", "[control_place]") {
  const TemporaryFolder folder;
  CHECK(living_control_sockets(folder.file("none")).empty());
  const Bound second = open_control_socket({folder.file("2.sock")});
  const Bound first = open_control_socket({folder.file("1.sock")});
  const Bound other = open_control_socket({folder.file("other")});
  unix_socket(folder.file("3.sock"), false).reset();
  CHECK(living_control_sockets(folder.file("")) ==
        std::vector{folder.file("1.sock"), folder.file("2.sock")});
}
