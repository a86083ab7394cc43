#include "bench/load/load.hpp"

#include <atomic>
#include <map>
#include <stdexcept>
#include <string>

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
  plan.warmup = 20ms;
  plan.duration = 150ms;
  return plan;
}

LoadResult load(const CannedServer& server) {
  return run_load(plan_for(server.port()));
}

TEST_CASE("good answers are throughput, each with its time", "[load]") {
  const CannedServer server({kGood});
  std::string hooks;
  const LoadResult result =
      run_load(plan_for(server.port()),
               {[&] { hooks += "begin "; }, [&] { hooks += "end"; }});
  CHECK(result.requests > 0);
  CHECK(result.requests <= static_cast<std::uint64_t>(server.requests()));
  CHECK(result.response_time_us.count() == result.requests);
  CHECK(result.statuses ==
        std::map<int, std::uint64_t>{{200, result.requests}});
  CHECK(result.errors.total() == 0);
  CHECK(result.first_error.empty());
  CHECK(result.duration_s >= 0.15);
  CHECK(result.requests_per_second() ==
        Approx(static_cast<double>(result.requests) / result.duration_s));
  CHECK(result.generator_cpu_s > 0);
  CHECK(result.generator_cpu_s + result.generator_run_delay_s +
            result.generator_idle_s ==
        Approx(result.duration_s).epsilon(0.05));
  CHECK_FALSE(result.interrupted);
  CHECK(hooks == "begin end");
  CHECK(server.accepted() == 4);
}

TEST_CASE("every run makes connections of its own", "[load]") {
  const CannedServer server({kGood});
  load(server);
  load(server);
  CHECK(server.accepted() == 8);
}

TEST_CASE("a bad status is an error, in words", "[load]") {
  const CannedServer server(
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"});
  LoadPlan plan = plan_for(server.port());
  plan.mix[0].target = "/missing";
  const LoadResult result = run_load(plan);
  CHECK(result.requests == 0);
  CHECK(result.response_time_us.count() == 0);
  CHECK(result.errors.status > 0);
  CHECK(result.errors.total() == result.errors.status);
  CHECK(result.statuses.at(404) == result.errors.status);
  CHECK(result.first_error ==
        "GET /missing: answered \"HTTP/1.1 404 Not Found\"");
  CHECK(server.accepted() == 4);
}

TEST_CASE("half an answer is a read error", "[load]") {
  const CannedServer server(
      {"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello", true});
  const LoadResult result = load(server);
  CHECK(result.requests == 0);
  CHECK(result.errors.read > 0);
  CHECK(result.errors.total() == result.errors.read);
  CHECK(result.statuses.empty());
  CHECK(result.first_error ==
        "GET /: the connection was closed in the middle of the body");
}

TEST_CASE("no answer within the time-out is cut and counted", "[load]") {
  const CannedServer server({""});
  LoadPlan plan = plan_for(server.port());
  plan.warmup = 0ms;
  plan.duration = 300ms;
  plan.timeout = 20ms;
  const LoadResult result = run_load(plan);
  CHECK(result.requests == 0);
  CHECK(result.errors.timeout >= 4);
  CHECK(result.errors.total() == result.errors.timeout);
  CHECK(result.first_error == "GET /: no complete answer within the time-out");
  CHECK(server.accepted() > 4);
}

TEST_CASE("an interval without any answer says so", "[load]") {
  const CannedServer server({""});
  const LoadResult result = load(server);
  CHECK(result.requests == 0);
  CHECK(result.errors.total() == 0);
  CHECK_THAT(
      result.first_error,
      Catch::Matchers::StartsWith("no answer came within") &&
          Catch::Matchers::EndsWith("4 requests were waiting for theirs"));
}

TEST_CASE("a dead server is counted but not hammered", "[load]") {
  std::uint16_t port = 0;
  listen_locally(port).reset();
  const LoadResult result = run_load(plan_for(port));
  CHECK(result.requests == 0);
  CHECK(result.errors.connect > 0);
  CHECK(result.errors.total() == result.errors.connect);
  // Each of 4 connections at most once per 10 ms, and once at the edge.
  CHECK(static_cast<double>(result.errors.connect) <=
        4 * (result.duration_s / 0.01 + 1));
  CHECK(result.first_error ==
        "connecting to 127.0.0.1:" + std::to_string(port) +
            " failed: Connection refused (ECONNREFUSED)");
}

TEST_CASE("a server that announces to close is no error", "[load]") {
  const CannedServer server(
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
       true});
  const LoadResult result = load(server);
  CHECK(result.requests > 4);
  CHECK(result.errors.total() == 0);
  CHECK(server.accepted() >= static_cast<int>(result.requests));
}

TEST_CASE("a body that ends with the connection is complete", "[load]") {
  const CannedServer server({"HTTP/1.0 200 OK\r\n\r\nall", true});
  const LoadResult result = load(server);
  CHECK(result.requests > 4);
  CHECK(result.errors.total() == 0);
}

TEST_CASE("a server that closes unasked loses requests at most as read errors",
          "[load]") {
  const CannedServer server({kGood, true});
  const LoadResult result = load(server);
  CHECK(result.requests > 4);
  CHECK(result.errors.total() == result.errors.read + result.errors.write);
  CHECK(result.errors.connect == 0);
}

TEST_CASE("chunked answers are complete answers", "[load]") {
  const CannedServer server(
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "5\r\nHello\r\n0\r\n\r\n"});
  const LoadResult result = load(server);
  CHECK(result.requests > 4);
  CHECK(result.errors.total() == 0);
  CHECK(server.accepted() == 4);
}

TEST_CASE("garbage is a read error with what was received", "[load]") {
  const CannedServer server({"\x01\"nonsense\"\r\n"});
  const LoadResult result = load(server);
  CHECK(result.requests == 0);
  CHECK(result.errors.read > 0);
  CHECK(result.errors.total() == result.errors.read);
  CHECK(result.first_error ==
        "GET /: this is not an HTTP/1.x status line: "
        "\"\\x01\\x22nonsense\\x22\"");
}

TEST_CASE("a server that speaks first is no HTTP server", "[load]") {
  const CannedServer server({"", false, "220 mail.example ESMTP\r\n"});
  const LoadResult result = load(server);
  CHECK(result.requests == 0);
  CHECK(result.errors.read > 0);
  CHECK(result.first_error ==
        "GET /: this is not an HTTP/1.x status line: "
        "\"220 mail.example ESMTP\"");
}

TEST_CASE("a large body is sent as the server takes it", "[load]") {
  const CannedServer server({kGood});
  LoadPlan plan = plan_for(server.port());
  plan.connections = 1;
  plan.mix[0].method = "POST";
  plan.mix[0].body.assign(8'000'000, 'x');
  plan.duration = 2s;  // for one answer, even under a sanitizer
  const LoadResult result = run_load(plan);
  CHECK(result.requests > 0);
  CHECK(result.errors.total() == 0);
}

TEST_CASE("large answers are read to their end", "[load]") {
  const std::string body(4'000'000, 'x');
  const CannedServer server(
      {"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n" + body});
  LoadPlan plan = plan_for(server.port());
  plan.duration = 1s;
  const LoadResult result = run_load(plan);
  CHECK(result.requests > 0);
  CHECK(result.errors.total() == 0);
}

TEST_CASE("what a hook takes is in no response time", "[load]") {
  const CannedServer server({kGood});
  const auto pause = [] {
    const auto end = Clock::now() + 400ms;
    while (Clock::now() < end) {
    }
  };
  const LoadResult result = run_load(plan_for(server.port()), {pause, pause});
  CHECK(result.requests > 0);
  // What the interval took longer than planned may be in there.
  CHECK(static_cast<double>(result.response_time_us.max()) / 1e6 <
        0.4 + result.duration_s - 0.15);
}

TEST_CASE("a load that is cancelled ends soon and says so", "[load]") {
  const CannedServer server({kGood});
  LoadPlan plan = plan_for(server.port());
  plan.duration = 60s;
  std::atomic<bool> cancelled{false};
  bool ended = false;
  const LoadResult result = run_load(
      plan, {[&] { cancelled = true; }, [&] { ended = true; }}, &cancelled);
  CHECK(result.interrupted);
  CHECK(ended);
  CHECK(result.duration_s < 30);
}

TEST_CASE("a load that is cancelled while it warms up measures nothing",
          "[load]") {
  const CannedServer server({kGood});
  std::atomic<bool> cancelled{true};
  bool begun = false;
  const LoadResult result = run_load(plan_for(server.port()),
                                     {[&] { begun = true; }, {}}, &cancelled);
  CHECK(result.interrupted);
  CHECK_FALSE(begun);
  CHECK(result.requests == 0);
  CHECK(result.duration_s == 0);
}

TEST_CASE("a plan without sense is refused", "[load]") {
  const auto refused = [](auto change) {
    LoadPlan plan = plan_for(1);
    change(plan);
    CHECK_THROWS_AS(run_load(plan), std::invalid_argument);
  };
  refused([](LoadPlan& plan) { plan.mix.clear(); });
  refused([](LoadPlan& plan) { plan.connections = 0; });
  refused([](LoadPlan& plan) { plan.duration = 0ms; });
  refused([](LoadPlan& plan) { plan.timeout = 0ms; });
  refused([](LoadPlan& plan) { plan.warmup = -1ms; });
  refused([](LoadPlan& plan) { plan.pause = -1ms; });
  refused([](LoadPlan& plan) { plan.host = "no such host"; });
}

}  // namespace
}  // namespace launch::bench
