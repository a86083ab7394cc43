// How the load uses its connections, and what it tells an observer.

#include <map>
#include <string>

#include "bench/load/load.hpp"
#include "tests/bench/canned_server.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using namespace std::chrono_literals;

const std::string kGood =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

LoadPlan plan_for(std::uint16_t port) {
  LoadPlan plan;
  plan.port = port;
  plan.mix = {RequestKind{}};
  plan.connections = 4;
  plan.warmup = 0ms;
  plan.duration = 150ms;
  return plan;
}

TEST_CASE("without keep-alive every request has its own connection", "[load]") {
  // The server would keep them: it is the client that does not.
  const CannedServer server({kGood});
  LoadPlan plan = plan_for(server.port());
  plan.keep_alive = false;
  plan.drains = true;
  const LoadResult result = run_load(plan);
  CHECK(result.requests > 4);
  CHECK(result.errors.total() == 0);
  CHECK(server.accepted() == server.requests());
}

TEST_CASE("connections pause between their requests", "[load]") {
  const CannedServer server({kGood});
  LoadPlan plan = plan_for(server.port());
  plan.pause = 60'000ms;
  const LoadResult result = run_load(plan);
  // One each at once; another one needs a pause under 150 of 60000 ms.
  CHECK(result.requests >= 4);
  CHECK(result.requests <= 6);
  CHECK(server.accepted() == 4);
}

TEST_CASE("a connection that is closed in a pause is no loss", "[load]") {
  const CannedServer server({kGood, true});
  LoadPlan plan = plan_for(server.port());
  plan.connections = 2;
  plan.pause = 100ms;
  plan.duration = 1s;
  plan.drains = true;
  const LoadResult result = run_load(plan);
  CHECK(result.requests > 2);
  CHECK(server.accepted() > 2);
  // The close may cross a request in the rare pause of next to nothing.
  CHECK(result.errors.total() <= 2);
}

/// Counts what it is told.
struct Counts final : LoadObserver {
  void on_answer(Clock::time_point at, int status,
                 Clock::duration took) override {
    ++statuses[status];
    in_order = in_order && at >= last;
    last = at;
    CHECK(took >= 0s);
  }
  void on_failure(Clock::time_point, ErrorKind kind) override {
    ++failures[kind];
  }

  std::map<int, std::uint64_t> statuses;
  std::map<ErrorKind, std::uint64_t> failures;
  Clock::time_point last;
  bool in_order = true;
};

TEST_CASE("an observer is told of every answer", "[load]") {
  const CannedServer server({kGood});
  Counts counts;
  LoadPlan plan = plan_for(server.port());
  plan.drains = true;
  const LoadResult result = run_load(plan, {{}, {}, &counts});
  CHECK(counts.in_order);
  CHECK(counts.failures.empty());
  CHECK(counts.statuses ==
        std::map<int, std::uint64_t>{
            {200, static_cast<std::uint64_t>(server.requests())}});
  CHECK(result.requests <= counts.statuses[200]);
}

TEST_CASE("an observer tells a refusal from a close", "[load]") {
  Counts counts;
  {
    const CannedServer server(
        {"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello", true});
    run_load(plan_for(server.port()), {{}, {}, &counts});
  }
  CHECK(counts.failures[ErrorKind::closed] > 0);
  CHECK(counts.failures[ErrorKind::refused] == 0);

  std::uint16_t port = 0;
  listen_locally(port).reset();
  run_load(plan_for(port), {{}, {}, &counts});
  CHECK(counts.failures[ErrorKind::refused] > 0);
}

TEST_CASE("a load that drains waits for what was asked", "[load]") {
  const CannedServer server({""});
  Counts counts;
  LoadPlan plan = plan_for(server.port());
  plan.duration = 20ms;
  plan.timeout = 200ms;
  plan.drains = true;
  run_load(plan, {{}, {}, &counts});
  CHECK(counts.failures ==
        std::map<ErrorKind, std::uint64_t>{{ErrorKind::timeout, 4}});
}

}  // namespace
}  // namespace launch::bench
