#include "modes/engine/request_log.hpp"

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temporary_file.hpp"

using namespace launch;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

const std::string kPlain = "GET /a HTTP/1.1\r\nHost: test\r\n\r\n";

std::string with(const std::string& fields) {
  return "GET /a HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
}

/// What one request becomes in JSON.
nlohmann::json logged(const std::string& message,
                      const PeerAddress& peer = {"127.0.0.1", 4711},
                      const TrustedPeers& trusted = {}) {
  const TemporaryFile file;
  RequestLog log{
      {.on = true, .format = AccessLogFormat::json, .file = file.path()},
      trusted,
      3};
  log.write(peer, message, 200, 13, RequestLog::begin());
  return nlohmann::json::parse(file.content());
}

}  // namespace

TEST_CASE("an entry is made of the request's bytes and its answer",
          "[request_log]") {
  const auto line = logged(with("Referer: http://x/\r\nUser-Agent: curl\r\n"));
  CHECK(line["client_ip"] == "127.0.0.1");
  CHECK(line["client_port"] == 4711);
  CHECK(line["scheme"] == "http");
  CHECK(line["method"] == "GET");
  CHECK(line["target"] == "/a");
  CHECK(line["version"] == "HTTP/1.1");
  CHECK(line["status"] == 200);
  CHECK(line["response_bytes"] == 13);
  CHECK(line["referer"] == "http://x/");
  CHECK(line["user_agent"] == "curl");
  CHECK(line["duration_us"] >= 0);
  CHECK(line["worker"] == 3);
  CHECK(line["request_id"].get<std::string>().size() == 18);
  CHECK_THAT(line["request_id"].get<std::string>(), EndsWith("-1"));
}

TEST_CASE("each request has an id of its own", "[request_log]") {
  CHECK(logged(kPlain)["request_id"] != logged(kPlain)["request_id"]);
}

TEST_CASE("a trusted peer names the client and the request", "[request_log]") {
  const std::string message = with(
      "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
      "X-Request-Id: edge-7\r\n");
  const auto line = logged(message);
  CHECK(line["client_ip"] == "192.0.2.1");
  CHECK(line["client_port"] == 0);
  CHECK(line["scheme"] == "https");
  CHECK(line["request_id"] == "edge-7");

  const auto untrusted = logged(message, {"203.0.113.5", 80});
  CHECK(untrusted["client_ip"] == "203.0.113.5");
  CHECK(untrusted["client_port"] == 80);
  CHECK(untrusted["scheme"] == "http");
  CHECK(untrusted["request_id"] != "edge-7");
}

TEST_CASE("an id that is not well-formed is replaced", "[request_log]") {
  for (const std::string id : {"a b", "\"", "x\x1b", ""})
    CHECK_THAT(logged(with("X-Request-Id: " + id + "\r\n"))["request_id"]
                   .get<std::string>(),
               EndsWith("-1"));
  CHECK_THAT(
      logged(with("X-Request-Id: a\r\nX-Request-Id: b\r\n"))["request_id"]
          .get<std::string>(),
      EndsWith("-1"));
}

TEST_CASE("a client on a Unix socket has no address", "[request_log]") {
  CHECK(logged(kPlain, {"", 0})["client_ip"] == "unix:");
  CHECK(logged(with("X-Forwarded-For: 192.0.2.1\r\n"), {"", 0},
               TrustedPeers{"unix:"})["client_ip"] == "192.0.2.1");
}

TEST_CASE("a common line shows local time and its zone", "[request_log]") {
  const TemporaryFile file;
  const ChildEnd end = run_in_child([&] {
    ::setenv("TZ", "<+0545>-05:45", 1);
    RequestLog log{{.on = true, .file = file.path()}, {}, 1};
    // 1 000 000 000 s after the epoch is 2001-09-09 01:46:40 UTC.
    log.write({"10.0.0.1", 1}, kPlain, 404, 0,
              {Clock::now(), WallTime{seconds{1'000'000'000}}});
  });
  CHECK(end.exit_code == 0);
  CHECK_THAT(file.content(),
             StartsWith("10.0.0.1 - - [09/Sep/2001:07:31:40 +0545] "
                        "\"GET /a HTTP/1.1\" 404 - "));
}

TEST_CASE("the zone is asked for anew when it may have changed",
          "[request_log]") {
  const TemporaryFile file;
  const ChildEnd end = run_in_child([&] {
    // Summer time in central Europe ended at 1 729 990 800 s.
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    RequestLog log{{.on = true, .file = file.path()}, {}, 1};
    for (const std::int64_t at : {1'729'990'799, 1'729'990'800})
      log.write({"10.0.0.1", 1}, kPlain, 200, 1,
                {Clock::now(), WallTime{seconds{at}}});
  });
  CHECK(end.exit_code == 0);
  CHECK_THAT(file.content(), Contains("[27/Oct/2024:02:59:59 +0200]"));
  CHECK_THAT(file.content(), Contains("[27/Oct/2024:02:00:00 +0100]"));
}

TEST_CASE("the body is what stands behind the head", "[request_log]") {
  CHECK(body_bytes("HTTP/1.1 200 OK\r\nA: b\r\n\r\n12345") == 5);
  CHECK(body_bytes("HTTP/1.1 200 OK\r\nA: b\r\n\r\n") == 0);
  CHECK(body_bytes("") == 0);
}

TEST_CASE("a status line's number is its status", "[request_log]") {
  CHECK(status_code("404 Not Found") == 404);
  CHECK(status_code("") == 0);
}
