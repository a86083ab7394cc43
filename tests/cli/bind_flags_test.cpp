#include "cli/bind_flags.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

using Variables = std::map<std::string, std::string>;
using Texts = std::vector<std::string>;

struct Resolved {
  ServePlan plan;
  Texts remarks;
};

Resolved resolved(Texts argv, Variables variables = {}) {
  CLI::App app;
  BindFlags flags;
  std::string positional;
  app.add_option("APP", positional);
  add_bind_flags(app, flags);
  std::reverse(argv.begin(), argv.end());  // as CLI11 wants them
  app.parse(argv);
  Resolved result;
  const Environment environment = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::optional<std::string>{}
                                    : found->second;
  };
  resolve_binds(flags, environment, result.plan, result.remarks);
  return result;
}

Texts addresses(Texts argv, Variables variables = {}) {
  Texts texts;
  for (const Address& address :
       resolved(std::move(argv), std::move(variables)).plan.binds)
    texts.push_back(to_string(address));
  return texts;
}

/// The sentence with which flags are refused; empty when they are not.
std::string refusal_of(Texts argv, Variables variables = {}) {
  try {
    resolved(std::move(argv), std::move(variables));
    return "";
  } catch (const UsageError& error) {
    return error.what();
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
}

Variables activated(const std::string& count, Variables more = {}) {
  more["LISTEN_PID"] = std::to_string(::getpid());
  more["LISTEN_FDS"] = count;
  return more;
}

}  // namespace

TEST_CASE("without flags one local port is served", "[bind_flags]") {
  const Resolved nothing = resolved({});
  CHECK(nothing.plan.binds ==
        std::vector<Address>{TcpAddress{"127.0.0.1", 8000}});
  CHECK(nothing.plan.listen.backlog == 2048);
  CHECK(nothing.plan.listen.unix_mode == 0666);
  CHECK(nothing.remarks.empty());
}

TEST_CASE("the flag --bind may be repeated, and takes one address each",
          "[bind_flags]") {
  CHECK(addresses({"--bind", "[::1]:80", "--bind", "unix:/run/app.sock", "demo",
                   "--bind=fd:7", "--bind", "localhost:0", "--bind",
                   "localhost:0"}) == Texts{"[::1]:80", "unix:/run/app.sock",
                                            "fd:7", "localhost:0",
                                            "localhost:0"});
}

TEST_CASE("PORT opens the port to all, unless a host is named",
          "[bind_flags]") {
  CHECK(addresses({}, {{"PORT", "9000"}}) == Texts{"0.0.0.0:9000"});
  CHECK(addresses({"--host", "127.0.0.1"}, {{"PORT", "9000"}}) ==
        Texts{"127.0.0.1:9000"});
  CHECK(addresses({}, {{"PORT", "9000"}, {"LAUNCH_HOST", "::1"}}) ==
        Texts{"[::1]:9000"});
  CHECK(addresses({"--port", "9001"}, {{"PORT", "9000"}}) ==
        Texts{"127.0.0.1:9001"});
  CHECK(addresses({}, {{"PORT", "9000"}, {"LAUNCH_PORT", "9002"}}) ==
        Texts{"127.0.0.1:9002"});
  CHECK(addresses({"--host", "::1", "--port", "0"}) == Texts{"[::1]:0"});
}

TEST_CASE("LAUNCH_BIND stands for --bind, and the command line wins",
          "[bind_flags]") {
  const Variables bind{{"LAUNCH_BIND", "127.0.0.1:1,unix:/a.sock"},
                       {"PORT", "9000"}};
  CHECK(addresses({}, bind) == Texts{"127.0.0.1:1", "unix:/a.sock"});
  CHECK(addresses({"--bind", "fd:3"}, bind) == Texts{"fd:3"});
  CHECK(addresses({"--port", "5"}, bind) == Texts{"127.0.0.1:5"});
  CHECK(refusal_of({}, {{"LAUNCH_BIND", "x:1,"}}).empty());
  CHECK(refusal_of({}, {{"LAUNCH_BIND", "127.0.0.1:1,,x"}}) ==
        "LAUNCH_BIND: \"\" names no port: write HOST:PORT, [IPv6]:PORT, "
        "unix:PATH or fd:N");
  CHECK(refusal_of({}, {{"LAUNCH_BIND", "a:1"}, {"LAUNCH_PORT", "1"}}) ==
        "the environment variables LAUNCH_BIND and LAUNCH_PORT exclude each "
        "other: unset one");
  CHECK(refusal_of({"--bind", "a:1"},
                   {{"LAUNCH_BIND", "bad"}, {"LAUNCH_PORT", "1"}})
            .empty());
}

TEST_CASE("the short form and --bind exclude each other", "[bind_flags]") {
  CHECK(refusal_of({"--bind", "unix:/a", "--port", "8001"},
                   {{"LAUNCH_HOST", "10.0.0.1"}}) ==
        "--bind and --host or --port exclude each other: write one more "
        "--bind 127.0.0.1:8001 instead");
  CHECK(refusal_of({"--bind", "unix:/a", "--host", "::"}) ==
        "--bind and --host or --port exclude each other: write one more "
        "--bind [::]:8000 instead");
}

TEST_CASE("bad addresses are refused with where they stand", "[bind_flags]") {
  CHECK(refusal_of({"--bind", "localhost"}) ==
        "--bind: \"localhost\" names no port: write HOST:PORT, [IPv6]:PORT, "
        "unix:PATH or fd:N");
  CHECK(refusal_of({"--bind", "fd:3", "--bind", "fd:3"}) ==
        "--bind: fd:3 is given twice");
  Texts many;
  for (int port = 1; port <= 65; ++port)
    many.insert(many.end(), {"--bind", "a:" + std::to_string(port)});
  CHECK(refusal_of(many) ==
        "--bind: 65 addresses are too many, 64 are the most");
  CHECK(refusal_of({"--port", "65536"}) ==
        "--port: \"65536\" is not a whole number from 0 to 65535");
  CHECK(refusal_of({}, {{"PORT", "http"}}) ==
        "the environment variable PORT is \"http\", not a whole number from 0 "
        "to 65535: correct or unset it");
  CHECK(refusal_of({}, {{"LAUNCH_PORT", "http"}}) ==
        "the environment variable LAUNCH_PORT is \"http\", not a whole number "
        "from 0 to 65535: correct or unset it");
}

TEST_CASE("sockets of systemd are served when the command line names none",
          "[bind_flags]") {
  CHECK(
      addresses({}, activated("2", {{"PORT", "1"}, {"LAUNCH_BIND", "a:1"}})) ==
      Texts{"fd:3", "fd:4"});
  CHECK(resolved({}, activated("1")).remarks.empty());
  for (const Texts& argv :
       {Texts{"--port", "7"}, Texts{"--bind", "127.0.0.1:7"}}) {
    const Resolved other = resolved(argv, activated("1"));
    CHECK(other.plan.binds == std::vector<Address>{TcpAddress{"127.0.0.1", 7}});
    CHECK(other.remarks ==
          Texts{"the sockets of LISTEN_FDS are ignored: the command line says "
                "where to listen"});
  }
  CHECK(resolved({"--bind", "fd:3"}, activated("1")).remarks.empty());
}

TEST_CASE("sockets that were meant for another process are not taken",
          "[bind_flags]") {
  CHECK(addresses({}, {{"LISTEN_PID", "1"}, {"LISTEN_FDS", "2"}}) ==
        Texts{"127.0.0.1:8000"});
  CHECK(addresses({}, {{"LISTEN_FDS", "2"}}) == Texts{"127.0.0.1:8000"});
  CHECK(refusal_of({}, activated("some")) ==
        "the environment variable LISTEN_FDS is \"some\", not a whole number "
        "from 1 to 64: correct or unset it");
}

TEST_CASE("systemd's variables are not handed on", "[bind_flags]") {
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    REQUIRE(::setenv(name, "1", 1) == 0);
  forget_socket_activation();
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    CHECK(::getenv(name) == nullptr);
}

TEST_CASE("a backlog and a mode need a socket to which they apply",
          "[bind_flags]") {
  CHECK(resolved({"--backlog", "10"}).plan.listen.backlog == 10);
  CHECK(refusal_of({"--backlog", "0"}) ==
        "--backlog: \"0\" is not a whole number from 1 to 1000000");
  CHECK(refusal_of({"--bind", "fd:3", "--backlog", "10"}) ==
        "--backlog has no effect on inherited sockets: whoever opened them "
        "chose it (Backlog= in a systemd socket unit)");
  CHECK(refusal_of({"--bind", "fd:3", "--bind", "unix:a", "--backlog", "10"})
            .empty());
  for (const char* const mode : {"0640", "640"})
    CHECK(resolved({"--bind", "unix:a", "--unix-mode", mode})
              .plan.listen.unix_mode == 0640);
  CHECK(refusal_of({"--unix-mode", "0640"}) ==
        "--unix-mode has no effect without --bind unix:PATH");
  for (const std::string bad :
       {"", "rw", "0o660", "1777", "06660", "66", "0680"})
    CHECK(refusal_of({"--bind", "unix:a", "--unix-mode", bad}) ==
          "--unix-mode: \"" + bad +
              "\" is not a file mode: write, say, 0660 or 0666");
}
