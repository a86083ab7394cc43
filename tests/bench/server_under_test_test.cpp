#include "bench/compare/server_under_test.hpp"

#include <signal.h>

#include <filesystem>
#include <thread>

#include "bench/compare/session.hpp"
#include "bench/during/loopback_port.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

constexpr milliseconds kLimit{10'000};

const std::string kReady =
    R"(echo '{"pid":1,"addresses":["http://127.0.0.1:4242"]}' >&200; )";

/// A stand-in: a shell script in place of a server.
Contender script(std::string text) {
  Contender contender;
  contender.name = "script";
  contender.argv = {"/bin/bash", "-c", std::move(text), "script"};
  return contender;
}

std::string failure_of(const Contender& contender, milliseconds limit) {
  try {
    const ServerUnderTest server(contender, limit);
  } catch (const StartError& error) {
    return error.what();
  }
  return "it started";
}

template <typename Condition>
bool becomes_true(Condition condition) {
  const Clock::time_point deadline = Clock::now() + kLimit;
  while (Clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds{5});
  }
  return false;
}

TEST_CASE("a server is started once it says that it is ready", "[server]") {
  ServerUnderTest server(script(kReady + "exec sleep 60"), kLimit);
  CHECK(server.host() == "127.0.0.1");
  CHECK(server.port() == 4242);
  CHECK(server.startup_ms() > 0);
  CHECK(server.pss_bytes() > 0);
  CHECK(server.cpu_s() > 0);
  CHECK_FALSE(server.death());
  CHECK_FALSE(server.stop());
}

TEST_CASE("the flags of the contract are added to the argv", "[server]") {
  CHECK(failure_of(script("echo error: \"$@\" >&2; exit 2"), kLimit) ==
        "ended with exit code 2 before it was ready: error: --port 0 "
        "--ready-fd 200 --stats-fd 201");
}

TEST_CASE("a server that ends at the start is quoted", "[server]") {
  CHECK(failure_of(script("echo INFO: hello; echo 'ERROR:    no app' >&2; "
                          "echo INFO: bye; exit 3"),
                   kLimit) ==
        "ended with exit code 3 before it was ready: no app");
  CHECK(failure_of(script("kill -SEGV $$"), kLimit) ==
        "ended with signal 11 (SIGSEGV) before it was ready");
}

TEST_CASE("a server that never gets ready meets the limit", "[server]") {
  CHECK(failure_of(script("echo waiting for the database >&2; sleep 60"),
                   milliseconds{2000}) ==
        "was not ready within 2000 ms: waiting for the database");
}

TEST_CASE("a ready line without an address is refused", "[server]") {
  CHECK_THAT(failure_of(script("echo '{\"pid\":1}' >&200; sleep 60"), kLimit),
             Catch::Contains("without an http:// address: {\"pid\":1}"));
}

TEST_CASE("a program that is not there is named", "[server]") {
  Contender contender = script("");
  contender.argv = {"/nowhere/server"};
  CHECK_THAT(failure_of(contender, kLimit), Catch::Contains("/nowhere/server"));
}

TEST_CASE("settings of other programs are not passed on", "[server]") {
  ::setenv("WEB_CONCURRENCY", "7", 1);
  ::setenv("PORT", "1", 1);
  const std::string failure = failure_of(
      script("echo \"error: <$WEB_CONCURRENCY$LAUNCH_WORKERS$PORT>\"; exit 1"),
      kLimit);
  ::unsetenv("WEB_CONCURRENCY");
  ::unsetenv("PORT");
  CHECK_THAT(failure, Catch::Contains("error: <>"));
}

TEST_CASE("each question is answered by a line of counts", "[server]") {
  ServerUnderTest server(
      script(kReady +
             "n=0; while read -r -n 1 -u 201 any; do n=$((n + 10)); "
             "echo '{\"workers\":[{\"id\":1,\"pid\":5,\"requests\":'$n',"
             "\"accepted\":1,\"connections\":2}]}' >&201; done"),
      kLimit);
  server.ask_counts();
  server.ask_counts();
  const auto first = server.take_counts();
  const auto second = server.take_counts();
  REQUIRE(first.size() == 1);
  REQUIRE(second.size() == 1);
  CHECK(first[0].requests == 10);
  CHECK(second[0].requests == 20);
}

TEST_CASE("a server that gives no counts is not asked again", "[server]") {
  ServerUnderTest server(script("exec 201>&-; " + kReady + "exec sleep 60"),
                         kLimit);
  server.ask_counts();
  CHECK(server.take_counts().empty());
  server.ask_counts();
  CHECK(server.take_counts().empty());
}

TEST_CASE("a server that dies is quoted", "[server]") {
  ServerUnderTest server(
      script("trap 'echo fatal: out of memory; exit 9' USR1; " + kReady +
             "kill -USR1 $$; sleep 60"),
      kLimit);
  std::optional<std::string> death;
  REQUIRE(becomes_true([&] { return (death = server.death()).has_value(); }));
  CHECK(*death ==
        "ended with exit code 9 while it was measured: fatal: out of memory");
}

/// A stand-in for a server of any kind, on a port that nobody else has.
Contender foreign_script(std::string text) {
  Contender contender = script(std::move(text));
  contender.foreign = true;
  contender.port = free_loopback_port();
  return contender;
}

TEST_CASE("a foreign server is ready once it answers", "[server]") {
  const std::string bin =
      std::filesystem::read_symlink("/proc/self/exe").parent_path();
  ServerUnderTest server(
      foreign_script("sleep 0.1; exec '" + bin + "/bare_server' --port {port}"),
      kLimit);
  CHECK(server.host() == "127.0.0.1");
  CHECK(server.port() >= 10'000);
  CHECK(server.startup_ms() >= 100);
  CHECK(server.pid() > 0);
  server.ask_counts();
  CHECK(server.take_counts().empty());
  CHECK_FALSE(server.stop());
}

TEST_CASE("a foreign server that ends or never answers is quoted", "[server]") {
  CHECK(failure_of(foreign_script("echo no app >&2; exit 3"), kLimit) ==
        "ended with exit code 3 before it answered: no app");
  CHECK(failure_of(foreign_script("echo still waiting >&2; sleep 60"),
                   milliseconds{2000}) ==
        "was not ready within 2000 ms: still waiting");
}

TEST_CASE("no process of a server outlives it", "[server]") {
  pid_t session = 0;
  {
    // Two children that ignore a polite end, one of them an orphan.
    ServerUnderTest server(
        script("trap '' TERM; (sleep 60 &) ; sleep 61 & trap - TERM; "
               "echo '{\"addresses\":[\"http://'$$':80\"]}' >&200; "
               "wait"),
        kLimit);
    // The stand-in's "host" is its process id, and so the id of its session.
    session = std::stoi(server.host());
    REQUIRE(becomes_true([&] { return session_members(session).size() == 3; }));
    CHECK_FALSE(server.stop());
  }
  CHECK(session_members(session).empty());
}

TEST_CASE("a server whose start failed leaves nothing behind", "[server]") {
  const std::string failure =
      failure_of(script("(sleep 60 &); echo error: session $$ >&2; sleep 60"),
                 milliseconds{2000});
  const std::size_t at = failure.rfind(' ');
  REQUIRE(at != std::string::npos);
  CHECK(session_members(std::stoi(failure.substr(at + 1))).empty());
}

}  // namespace
}  // namespace launch::bench
