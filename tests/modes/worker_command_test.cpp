#include "modes/supervisor/worker_command.hpp"

#include <filesystem>

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("a worker is told all that it must know", "[worker_command]") {
  ServePlan plan;
  plan.app = {
      .text = "./orders.so:entry", .path = "./orders.so", .symbol = "entry"};
  plan.shape = {.workers = 3, .threads = 8};
  plan.graceful_timeout = milliseconds{1500};
  plan.log_level = LogLevel::warning;
  plan.binds = {TcpAddress{}, UnixAddress{"/run/app.sock"}};
  CHECK(worker_argv(plan, "/usr/bin/launch", 2, 5) ==
        std::vector<std::string>{"/usr/bin/launch", "__worker", "--app",
                                 "./orders.so:entry", "--id", "2", "--seat",
                                 "5", "--workers", "3", "--threads", "8",
                                 "--listeners", "2", "--graceful-timeout-ms",
                                 "1500", "--log-level", "warning"});
}

TEST_CASE("a worker is told how to accept, unless as ever",
          "[worker_command]") {
  ServePlan plan;
  plan.supervision.accept = AcceptStrategy::exclusive;
  const auto argv = worker_argv(plan, "launch", 1, 1);
  REQUIRE(argv.size() > 2);
  CHECK(std::vector<std::string>(argv.end() - 2, argv.end()) ==
        std::vector<std::string>{"--accept", "exclusive"});
}

TEST_CASE("a worker is told of the access log and of trusted proxies",
          "[worker_command]") {
  ServePlan plan;
  const std::size_t size = worker_argv(plan, "launch", 1, 1).size();
  plan.access_log = {
      .on = true, .format = AccessLogFormat::json, .file = "access.log"};
  plan.trusted_peers = TrustedPeers{""};
  const auto argv = worker_argv(plan, "launch", 1, 1);
  REQUIRE(argv.size() == size + 6);
  CHECK(std::vector<std::string>(argv.end() - 6, argv.end()) ==
        std::vector<std::string>{"--forwarded-allow-ips", "",
                                 "--access-log-format", "json",
                                 "--access-log-file", "access.log"});
}

TEST_CASE("a worker is told the limits that were set, and no others",
          "[worker_command]") {
  ServePlan plan;
  const std::size_t before = worker_argv(plan, "launch", 1, 1).size();
  plan.limits[static_cast<std::size_t>(Limit::head)] = 16'384;
  plan.limits[static_cast<std::size_t>(Limit::write_time)] = 1500;
  const auto argv = worker_argv(plan, "launch", 1, 1);
  REQUIRE(argv.size() == before + 2);
  CHECK(argv[before] == "--max-head=16K");
  CHECK(argv[before + 1] == "--write-timeout=1500ms");
}

TEST_CASE("the built-in app needs no name in the plan", "[worker_command]") {
  CHECK(worker_argv(ServePlan{}, "launch", 1, 1).at(3) == "demo");
}

TEST_CASE("a worker runs the program of its supervisor", "[worker_command]") {
  CHECK(std::filesystem::equivalent(own_program(), "/proc/self/exe"));
  CHECK(own_program().find("/proc/") == std::string::npos);
}
