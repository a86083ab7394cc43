#include "cli/serve_flags.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

using Variables = std::map<std::string, std::string>;
constexpr int kCores = 4;

Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::optional<std::string>{}
                                    : found->second;
  };
}

/// The flags in `argv`, as the program would read them.
ServeFlags parse(std::vector<std::string> argv) {
  CLI::App app;
  ServeFlags flags;
  add_serve_flags(app, flags);
  std::reverse(argv.begin(), argv.end());  // as CLI11 wants them
  app.parse(argv);
  return flags;
}

ResolvedFlags resolved(std::vector<std::string> argv, Variables variables = {},
                       int cores = kCores) {
  return resolve(parse(std::move(argv)), environment_of(std::move(variables)),
                 {.cpus = cores});
}

/// The sentence with which flags are refused; empty when they are not.
std::string refusal_of(std::vector<std::string> argv,
                       Variables variables = {}) {
  try {
    resolved(std::move(argv), std::move(variables));
    return "";
  } catch (const UsageError& error) {
    return error.what();
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
}

Shape shape_of(std::vector<std::string> argv, Variables variables = {},
               int cores = kCores) {
  return resolved(std::move(argv), std::move(variables), cores).plan.shape;
}

}  // namespace

TEST_CASE("without flags the demo is served as single on port 8000",
          "[flags]") {
  const auto [plan, remarks] = resolved({});
  CHECK(plan.app.text == "demo");
  CHECK(plan.app.built_in());
  CHECK(plan.mode.name == "single");
  CHECK(plan.shape == Shape{1, 1});
  CHECK(plan.binds == std::vector<Address>{TcpAddress{"127.0.0.1", 8000}});
  CHECK(plan.log_level == LogLevel::info);
  CHECK_FALSE(plan.access_log.on);
  CHECK(plan.trusted_peers.text() == "127.0.0.0/8,::1");
  CHECK(plan.graceful_timeout == seconds{30});
  CHECK(plan.ready_fd == -1);
  CHECK(plan.stats_fd == -1);
  CHECK(remarks.empty());
  CHECK(plan.warnings.empty());
}

TEST_CASE("each mode has its own default shape", "[flags]") {
  CHECK(shape_of({"--mode", "single"}, {}, 8) == Shape{1, 1});
  CHECK(shape_of({"--mode", "prefork"}, {}, 8) == Shape{8, 1});
  CHECK(shape_of({"--mode", "thread-pool"}, {}, 1) == Shape{1, 16});
  CHECK(shape_of({"--mode", "thread-pool"}, {}, 4) == Shape{1, 16});
  CHECK(shape_of({"--mode", "thread-pool"}, {}, 8) == Shape{1, 32});
}

TEST_CASE("a worker per core is the default, and auto asks for it", "[flags]") {
  const Variables web{{"WEB_CONCURRENCY", "6"}};
  const std::vector<std::string> reason{
      "4 workers: 4 CPUs of the affinity mask; no cgroup quota, no memory "
      "limit"};
  CHECK(resolved({"--mode", "prefork"}).remarks == reason);
  CHECK(resolved({"--mode", "prefork", "--workers", "auto"}, web).remarks ==
        reason);
  CHECK(shape_of({"--mode", "prefork", "--workers", "auto"}, web) ==
        Shape{4, 1});
  CHECK(refusal_of({"--workers", "auto"}) ==
        "--workers auto has no effect in mode single, which is one process: "
        "use --mode prefork --workers auto");
}

TEST_CASE("workers of a supervisor are told how to accept", "[flags]") {
  CHECK(refusal_of({"--accept", "exclusive"}) ==
        "--accept has no effect in mode single, which has no supervisor: use "
        "--mode prefork");
  const auto accept_of = [](const std::vector<std::string>& argv) {
    return resolved(argv).plan.supervision.accept;
  };
  CHECK(accept_of({"--mode", "prefork"}) == AcceptStrategy::shared);
  CHECK(accept_of({"--mode", "prefork", "--accept", "exclusive"}) ==
        AcceptStrategy::exclusive);
  CHECK_THROWS_AS(parse({"--mode", "prefork", "--accept", "any"}),
                  CLI::ValidationError);
}

TEST_CASE("handlers are timed on one of several threads only", "[flags]") {
  const std::string rest =
      "2 or more; a worker of prefork whose handler never returns is replaced "
      "after --hang-timeout";
  CHECK(refusal_of({"--request-timeout", "5s"}) ==
        "--request-timeout has no effect with one thread, in which a handler "
        "holds up everything else: use --mode thread-pool --threads " +
            rest);
  CHECK(refusal_of({"--mode", "prefork", "--request-timeout", "5s"}) ==
        "--request-timeout has no effect with one thread, in which a handler "
        "holds up everything else: use --threads " +
            rest);
  CHECK(refusal_of(
            {"--mode", "prefork", "--threads", "2", "--request-timeout", "5s"})
            .empty());
  CHECK(
      refusal_of({"--mode", "thread-pool", "--request-timeout", "5s"}).empty());
}

TEST_CASE("a layout that probably nobody wants is served with a warning",
          "[flags]") {
  CHECK(
      resolved({"--mode", "prefork", "--workers", "1"}).plan.warnings.size() ==
      1);
  CHECK(
      resolved({"--mode", "prefork", "--workers", "5"}).plan.warnings.size() ==
      1);
  CHECK(resolved({"--mode", "prefork"}).plan.warnings.empty());
}

TEST_CASE("flags win over defaults", "[flags]") {
  CHECK(shape_of({"--mode", "prefork", "--workers", "3"}) == Shape{3, 1});
  CHECK(shape_of({"--mode", "prefork", "--threads", "8"}) == Shape{4, 8});
  CHECK(shape_of({"--mode", "thread-pool", "--threads", "2"}) == Shape{1, 2});
  const ServePlan plan =
      resolved({"--log-level", "debug", "--access-log", "--graceful-timeout",
                "500ms", "--ready-fd", "1", "--stats-fd", "2"})
          .plan;
  CHECK(plan.log_level == LogLevel::debug);
  CHECK(plan.access_log.on);
  CHECK(plan.graceful_timeout == milliseconds{500});
  CHECK(plan.ready_fd == 1);
  CHECK(plan.stats_fd == 2);
}

TEST_CASE("an app may be a library with an entry", "[flags]") {
  const AppSpec app = resolved({"./orders.so:other"}).plan.app;
  CHECK(app.path == "./orders.so");
  CHECK(app.symbol == "other");
  CHECK_THROWS_AS(resolved({"orders.txt"}), AppError);
}

TEST_CASE("a flag that the mode cannot use is refused with advice", "[flags]") {
  CHECK(refusal_of({"--workers", "3"}) ==
        "--workers 3 has no effect in mode single, which is one process: use "
        "--mode prefork --workers 3");
  CHECK(refusal_of({"--mode", "thread-pool", "--workers", "3"}) ==
        "--workers 3 has no effect in mode thread-pool, which is one process: "
        "use --mode prefork --workers 3 --threads N");
  CHECK(refusal_of({"--threads", "16"}) ==
        "--threads 16 has no effect in mode single, which has one thread: use "
        "--mode thread-pool --threads 16");
  // One is what these modes have anyway.
  CHECK(refusal_of({"--workers", "1", "--threads", "1"}).empty());
  CHECK(refusal_of({"--mode", "thread-pool", "--workers", "1"}).empty());
}

TEST_CASE("values that make no sense are refused", "[flags]") {
  CHECK(refusal_of({"--mode", "threads"}) ==
        "--mode: \"threads\" is no mode: use one of single, prefork, "
        "thread-pool");
  CHECK(refusal_of({"--mode", "prefork", "--workers", "0"}) ==
        "--workers: \"0\" is not a whole number from 1 to 1024");
  CHECK(refusal_of({"--port", "65536"}) ==
        "--port: \"65536\" is not a whole number from 0 to 65535");
  CHECK(refusal_of({"--log-level", "loud"}) ==
        "--log-level: \"loud\" is no log level: use one of debug, info, "
        "warning, error");
  CHECK(refusal_of({"--graceful-timeout", "soon"}) ==
        "--graceful-timeout: \"soon\" is not a time from 1ms to 24 hours: "
        "write, say, 30s, 500ms or 2m");
  CHECK(refusal_of({"--ready-fd", "987654"}) ==
        "--ready-fd 987654: that descriptor is not open: open it in the "
        "shell, as in --ready-fd 3 3>ready.json");
}

TEST_CASE("a count that could be octal is refused", "[flags]") {
  CHECK(refusal_of({"--mode", "prefork", "--workers", "010"}) ==
        "--workers: \"010\" is not a whole number from 1 to 1024");
}

TEST_CASE("the environment counts the workers of prefork only", "[flags]") {
  const Variables both{{"LAUNCH_WORKERS", "5"}, {"WEB_CONCURRENCY", "6"}};
  const Variables web{{"WEB_CONCURRENCY", "6"}};
  CHECK(shape_of({"--mode", "prefork"}, web) == Shape{6, 1});
  CHECK(shape_of({"--mode", "prefork"}, both) == Shape{5, 1});
  CHECK(shape_of({"--mode", "prefork", "--workers", "2"}, both) == Shape{2, 1});
  CHECK(resolved({"--mode", "prefork"}, web).remarks.empty());

  for (const std::string mode : {"single", "thread-pool"}) {
    const auto [plan, remarks] = resolved({"--mode", mode}, web);
    CHECK(plan.shape == shape_of({"--mode", mode}));
    CHECK(remarks == std::vector<std::string>{
                         "WEB_CONCURRENCY=6 is ignored: it counts the workers "
                         "of mode prefork, and this is mode " +
                         mode});
    CHECK(plan.warnings.empty());
  }
}

TEST_CASE("bad values in the environment are refused by name", "[flags]") {
  CHECK(refusal_of({"--mode", "prefork"}, {{"WEB_CONCURRENCY", "many"}}) ==
        "the environment variable WEB_CONCURRENCY is \"many\", not a whole "
        "number from 1 to 1024: correct or unset it");
  CHECK(refusal_of({"--mode", "prefork"}, {{"LAUNCH_WORKERS", "0"}}) ==
        "the environment variable LAUNCH_WORKERS is \"0\", not a whole number "
        "from 1 to 1024: correct or unset it");
  CHECK(refusal_of({}, {{"PORT", "http"}}) ==
        "the environment variable PORT is \"http\", not a whole number from 0 "
        "to 65535: correct or unset it");
  CHECK(refusal_of({"--port", "1"}, {{"PORT", "http"}}).empty());
}

TEST_CASE("an empty variable is none", "[flags]") {
  REQUIRE(::setenv("LAUNCH_TEST_VARIABLE", "", 1) == 0);
  CHECK_FALSE(environment("LAUNCH_TEST_VARIABLE"));
  REQUIRE(::setenv("LAUNCH_TEST_VARIABLE", "7", 1) == 0);
  CHECK(environment("LAUNCH_TEST_VARIABLE") == "7");
  ::unsetenv("LAUNCH_TEST_VARIABLE");
  CHECK_FALSE(environment("LAUNCH_TEST_VARIABLE"));
}
