// The app's library is overwritten in place, as `cp` does, while it is served.

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
namespace fs = std::filesystem;

namespace {

/// What `cp` does to a file that exists: the same one gets other bytes.
void overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

TEST_CASE("a library may be overwritten while it is served", "[library]") {
  for (const std::string mode : {"single", "prefork", "thread-pool"}) {
    INFO(mode);
    const Folder folder;
    const std::string path = folder.file("app.so");
    fs::copy_file(app("hooks"), path);
    Server server({path, "--mode", mode});
    REQUIRE(server.get("/").body == "hooked\n");
    overwrite(path, "");
    for (int i = 0; i < 20; ++i) CHECK(server.get("/").body == "hooked\n");
    overwrite(path, read_file(app("needs_neighbour")));
    for (int i = 0; i < 20; ++i) CHECK(server.get("/").body == "hooked\n");
    server.signal(SIGTERM);  // the shut-down hooks are its code, too
    CHECK(server.exit_code() == 0);
    CHECK(count(server.err(), "WARNING") == 0);
  }
}

TEST_CASE("a worker that starts later runs the library of that time",
          "[library]") {
  const Folder folder;
  const std::string path = folder.file("app.so");
  fs::copy_file(app("hooks"), path);
  fs::copy_file(app("libneighbour"), folder.file("libneighbour.so"));
  const Server server({path, "--mode", "prefork", "--workers", "1"});
  REQUIRE(server.get("/").body == "hooked\n");
  overwrite(path, read_file(app("needs_neighbour")));
  ::kill(server.workers().at(0), SIGKILL);
  CHECK(until([&] { return server.get("/").body == "7\n"; }));
  overwrite(folder.file("libneighbour.so"), "");
  for (int i = 0; i < 20; ++i) CHECK(server.get("/").body == "7\n");
}
