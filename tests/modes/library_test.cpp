#include "modes/app/library.hpp"

#include <dirent.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/memory_request.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string open_error(const AppSpec& spec) {
  return app_error([&] { open_app_library(spec); });
}

/// A file that is removed at the end.
struct ScratchFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("launch_library_test_" + std::to_string(::getpid()) + ".so");
  ~ScratchFile() { std::filesystem::remove(path); }
  AppSpec spec() const { return {"scratch.so", path.string()}; }
};

std::string body_at_root(AppEntry* entry) {
  HostedServer server;
  entry(server);
  return ask(server, "GET", "/").body;
}

}  // namespace

TEST_CASE("a missing library is one sentence", "[library]") {
  CHECK(open_error({"./none.so", "./none.so"}) ==
        "./none.so: cannot open the app: No such file or directory");
}

TEST_CASE("a folder is no app", "[library]") {
  CHECK_THAT(open_error({"apps.so", LAUNCH_TEST_APPS}),
             StartsWith("apps.so: is not a file"));
}

TEST_CASE("an empty file and a text are no apps", "[library]") {
  const ScratchFile file;
  std::ofstream(file.path).flush();
  CHECK_THAT(open_error(file.spec()),
             StartsWith("scratch.so: is not a shared library"));
  std::ofstream(file.path) << "int main() {}\n";
  CHECK_THAT(open_error(file.spec()),
             StartsWith("scratch.so: is not a shared library"));
}

TEST_CASE("a library without a record is told the line to add", "[library]") {
  CHECK_THAT(open_error(test_app("no_record")),
             StartsWith("no_record.so: has no launch record: include "
                        "<launch/app.hpp>, add the line LAUNCH_APP("));
}

TEST_CASE("a wrong symbol lists those that exist", "[library]") {
  CHECK(open_error(test_app("two_apps", "third")) ==
        "two_apps.so: has no app called third, it offers: first, second");
}

TEST_CASE("apps built against another cpp-httplib are refused", "[library]") {
  CHECK_THAT(open_error(test_app("other_httplib")),
             StartsWith("other_httplib.so: was built with cpp-httplib 0.99.0"));
  CHECK_THAT(open_error(test_app("other_macros")),
             Contains("was compiled without CPPHTTPLIB_OPENSSL_SUPPORT"));
}

TEST_CASE("a missing dependency is one sentence with a hint", "[library]") {
  const std::string error = open_error(test_app("needs_neighbour"));
  CHECK_THAT(error, StartsWith("needs_neighbour.so: cannot be loaded: "
                               "libneighbour.so: cannot open shared object"));
  CHECK_THAT(error, Contains("not in $ORIGIN"));
}

TEST_CASE("two libraries and two entries are told apart", "[library]") {
  AppEntry* first = open_app_library(test_app("two_apps", "first"));
  AppEntry* second = open_app_library(test_app("two_apps", "second"));
  AppEntry* other = open_app_library(test_app("hooks"));
  CHECK(body_at_root(first) == "1");
  CHECK(body_at_root(second) == "2");
  CHECK(body_at_root(other) == "hooked\n");
}

TEST_CASE("overwriting the library does not disturb who loaded it",
          "[library]") {
  const ScratchFile file;
  std::filesystem::copy_file(test_app("hooks").path, file.path);
  AppEntry* entry = open_app_library(file.spec());
  std::filesystem::resize_file(file.path, 0);
  CHECK(body_at_root(entry) == "hooked\n");
}
