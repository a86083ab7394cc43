#include "modes/supervisor/handover.hpp"

#include <fcntl.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

Handover sample() {
  return {.listeners = {{.fd = 4, .url = "http://127.0.0.1:8000", .port = 8000},
                        {.fd = 9,
                         .url = "unix:/run/a.sock",
                         .inherited = true,
                         .file = "/run/a.sock"}},
          .scoreboard = 6,
          .stats = 7,
          .workers = 3,
          .processes = {{.seat = 2, .id = 1, .pid = 77},
                        {.seat = 5, .id = 3, .pid = 78, .leaving = true}}};
}

bool closes_on_exec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

}  // namespace

TEST_CASE("what is handed over is read as it was written", "[handover]") {
  const Handover read = parse_handover(to_json(sample()));
  CHECK(read.scoreboard == 6);
  CHECK(read.stats == 7);
  CHECK(read.workers == 3);
  REQUIRE(read.listeners.size() == 2);
  CHECK(read.listeners[0].fd == 4);
  CHECK(read.listeners[0].port == 8000);
  CHECK_FALSE(read.listeners[0].inherited);
  CHECK(read.listeners[1].url == "unix:/run/a.sock");
  CHECK(read.listeners[1].file == "/run/a.sock");
  CHECK(read.listeners[1].inherited);
  REQUIRE(read.processes.size() == 2);
  CHECK(read.processes[0].pid == 77);
  CHECK_FALSE(read.processes[0].leaving);
  CHECK(read.processes[1].seat == 5);
  CHECK(read.processes[1].id == 3);
  CHECK(read.processes[1].leaving);
}

TEST_CASE("what another version or nobody wrote is refused", "[handover]") {
  CHECK_THROWS_WITH(parse_handover(R"({"version":2})"),
                    Catch::Contains("version 2, this one takes version 1"));
  for (const char* const text : {"", "{}", "[1]", R"({"version":1})"})
    CHECK_THROWS_AS(parse_handover(text), std::runtime_error);
}

TEST_CASE("a program finds what its predecessor left", "[handover]") {
  CHECK_FALSE(take_handover());
  Descriptor file = store(sample());
  CHECK_FALSE(closes_on_exec(file.get()));
  ::setenv(kHandoverVariable, std::to_string(file.release()).c_str(), 1);
  const auto request = take_handover();
  REQUIRE(request);
  CHECK_FALSE(request->check_only);
  CHECK(request->handover.processes.size() == 2);
  CHECK(std::getenv(kHandoverVariable) == nullptr);
}

TEST_CASE("a program may only be asked whether it could", "[handover]") {
  ::setenv(kHandoverVariable, check_only().c_str(), 1);
  const auto request = take_handover();
  REQUIRE(request);
  CHECK(request->check_only);
  ::setenv(kHandoverVariable, "check:999", 1);
  CHECK_THROWS_WITH(take_handover(),
                    Catch::Contains("version 999, this one takes version 1"));
  ::setenv(kHandoverVariable, "nonsense", 1);
  CHECK_THROWS_WITH(take_handover(), Catch::Contains("names no descriptor"));
  CHECK_FALSE(take_handover());  // said once
}

TEST_CASE("listeners are handed over with their files", "[handover]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.sock");
  std::vector<Bound> bound;
  bound.push_back(bind_listener("127.0.0.1", 0));
  bound.push_back(listen_on(UnixAddress{path}, {}));
  const auto left = to_hand_over(bound);
  const std::uint16_t port = bound[0].port;
  // As after exec(): the descriptors are open, and nobody owns them.
  const SocketFile forgotten = std::move(bound[1].file);
  for (Bound& listener : bound) {
    CHECK(listener.fd.release() >= 0);
  }
  {
    const auto taken = take_over(left);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].port == port);
    CHECK(taken[1].url == "unix:" + path);
    CHECK(closes_on_exec(taken[0].fd.get()));
    CHECK_THROWS(bind_listener("127.0.0.1", port));
    CHECK(::access(path.c_str(), F_OK) == 0);
  }
  CHECK(::access(path.c_str(), F_OK) != 0);  // its new owner removed it
}
