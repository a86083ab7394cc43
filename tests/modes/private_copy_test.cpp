#include "modes/app/private_copy.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

Descriptor copy_of(const std::string& text) {
  return private_copy("hello.so", std::as_bytes(std::span(text)));
}

}  // namespace

TEST_CASE("a private copy holds the bytes under a readable name",
          "[private_copy]") {
  const Descriptor copy = copy_of("hello");
  std::array<char, 8> bytes{};
  CHECK(::pread(copy.get(), bytes.data(), bytes.size(), 0) == 5);
  CHECK(std::string(bytes.data()) == "hello");
  const auto link = std::filesystem::read_symlink("/proc/self/fd/" +
                                                  std::to_string(copy.get()));
  CHECK(link.string() == "/memfd:hello.so (deleted)");
}

TEST_CASE("nobody can change a private copy", "[private_copy]") {
  const Descriptor copy = copy_of("hello");
  CHECK(::pwrite(copy.get(), "x", 1, 0) == -1);
  CHECK(errno == EPERM);
  CHECK(::ftruncate(copy.get(), 0) == -1);
  CHECK(::mmap(nullptr, 5, PROT_WRITE, MAP_SHARED, copy.get(), 0) ==
        MAP_FAILED);
}

TEST_CASE("a name that is too long is an error", "[private_copy]") {
  CHECK_THROWS_AS(private_copy(std::string(300, 'x'), {}), std::system_error);
}
