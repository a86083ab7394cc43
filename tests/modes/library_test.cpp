#include "modes/app/library.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
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

std::string maps() {
  std::ifstream file("/proc/self/maps");
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++found;
  return found;
}

/// As a sandbox does: memfd_create() fails with EPERM from now on.
void forbid_memory_files() {
  std::array<sock_filter, 4> filter{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_memfd_create},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog program{filter.size(), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    throw std::runtime_error("no filter");
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

TEST_CASE("a missing dependency is one sentence", "[library]") {
  CHECK_THAT(open_error(test_app("needs_absent")),
             StartsWith("needs_absent.so: cannot be loaded: libabsent.so: "
                        "cannot open shared object"));
}

TEST_CASE("libraries that are found through $ORIGIN are copied as well",
          "[library]") {
  CHECK(body_at_root(open_app_library(test_app("needs_neighbour"))) == "7\n");
  CHECK(count_of(maps(), "/memfd:libneighbour.so") > 0);
  CHECK(count_of(maps(), "/memfd:needs_neighbour.so") > 0);
}

TEST_CASE("one that needs a library without soname is loaded from its file",
          "[library]") {
  const ChildEnd end = run_in_child([] {
    if (body_at_root(open_app_library(test_app("needs_nameless"))) != "7\n")
      throw std::runtime_error("not loaded");
  });
  CHECK(end.exit_code == 0);
  CHECK_THAT(end.error_text,
             Contains("needs_nameless.so: is loaded from its own file"));
}

TEST_CASE("without memory files the app is loaded from its file, with a word",
          "[library]") {
  const ChildEnd end = run_in_child([] {
    forbid_memory_files();
    if (body_at_root(open_app_library(test_app("hooks"))) != "hooked\n")
      throw std::runtime_error("not loaded");
  });
  CHECK(end.exit_code == 0);
  CHECK_THAT(end.error_text,
             Contains("hooks.so: is loaded from its own file, since no copy "
                      "can be made (memfd_create: Operation not permitted)"));
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
