#include "modes/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "modes/base/descriptor.hpp"
#include "tests/support/catch.hpp"

using namespace launch;

namespace {

/// What `write` puts on standard error.
template <typename Write>
std::string standard_error_of(const Write& write) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  const Descriptor reader{ends[0]};
  Descriptor writer{ends[1]};
  const Descriptor before{::dup(STDERR_FILENO)};
  ::dup2(writer.get(), STDERR_FILENO);
  write();
  ::dup2(before.get(), STDERR_FILENO);
  writer.reset();
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(reader.get(), buffer.data(), buffer.size());
  REQUIRE(size >= 0);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

/// Puts the level back that other tests expect.
struct LevelRestored {
  ~LevelRestored() { set_log_level(LogLevel::info); }
};

}  // namespace

TEST_CASE("each level is found by its name", "[log]") {
  for (const char* name : {"debug", "info", "warning", "error"}) {
    const auto level = find_log_level(name);
    REQUIRE(level.has_value());
    CHECK(to_string(*level) == name);
  }
  CHECK_FALSE(find_log_level("loud").has_value());
  CHECK_FALSE(find_log_level("").has_value());
}

TEST_CASE("a line has its level in front, padded as uvicorn does", "[log]") {
  const LevelRestored restored;
  set_log_level(LogLevel::debug);
  CHECK(standard_error_of([] {
          log_debug("a {}", 1);
          log_info("b {}", 2);
          log_warning("c {}", 3);
          log_error("d {}", 4);
        }) ==
        "DEBUG:    a 1\n"
        "INFO:     b 2\n"
        "WARNING:  c 3\n"
        "ERROR:    d 4\n");
}

TEST_CASE("what a client sent cannot begin a line of its own", "[log]") {
  CHECK(standard_error_of([] {
          log_error("GET /\x1b[2J failed: {}", "a\r\nINFO:     b\t\x7f");
        }) ==
        "ERROR:    GET /\\x1b[2J failed: "
        "a\\x0d\\x0aINFO:     b\\x09\\x7f\n");
  // Names of files and apps are left as they are.
  CHECK(standard_error_of([] { log_info("caf\xc3\xa9 \"\\"); }) ==
        "INFO:     caf\xc3\xa9 \"\\\n");
}

TEST_CASE("lines below the level are dropped", "[log]") {
  const LevelRestored restored;
  set_log_level(LogLevel::warning);
  CHECK_FALSE(log_enabled(LogLevel::info));
  CHECK(log_enabled(LogLevel::error));
  CHECK(standard_error_of([] {
          log_debug("a");
          log_info("b");
          log_warning("c");
        }) == "WARNING:  c\n");
}

TEST_CASE("a log that cannot be written stops nobody", "[log]") {
  const Descriptor before{::dup(STDERR_FILENO)};
  const Descriptor full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
  ::dup2(full.get(), STDERR_FILENO);
  CHECK_NOTHROW(log_error("lost"));
  ::dup2(before.get(), STDERR_FILENO);
}
