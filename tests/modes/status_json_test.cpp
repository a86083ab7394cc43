#include "modes/control/status_json.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/example_status.hpp"

using namespace launch;
using nlohmann::json;

TEST_CASE("the status of a service is one JSON object", "[status_json]") {
  const std::string text = to_json(example_status());
  CHECK(text.find('\n') == std::string::npos);
  const json status = json::parse(text);
  CHECK(status["mode"] == "prefork");
  CHECK(status["state"] == "ready");
  CHECK(status["ready"] == true);
  CHECK(status["uptime_s"] == 90.5);
  CHECK(status["listen_overflows"] == 0);
  CHECK(status["listeners"] ==
        json::parse(R"([{"address":"http://127.0.0.1:8000","queued":3,
                         "queue_limit":2048}])"));
  CHECK(status["last_reload"] ==
        json::parse(R"({"ok":false,"error":"Worker 1: no \"main\""})"));
  CHECK(status["latency"]["count"] == 7);
  CHECK(status["latency"]["buckets"].size() == 17);
  CHECK(status["latency"]["buckets"][0] ==
        json::parse(R"({"up_to_s":0.0001,"count":4})"));
  CHECK(status["latency"]["buckets"][16] ==
        json::parse(R"({"up_to_s":null,"count":1})"));
}

TEST_CASE("what is not known of a worker is left out", "[status_json]") {
  const json workers = json::parse(to_json(example_status()))["workers"];
  REQUIRE(workers.size() == 2);
  CHECK(workers[0]["pss_bytes"] == 5'242'880);
  CHECK(workers[0]["request"] == "GET /slow");
  CHECK(workers[0]["restarts"]["signal"] == 1);
  CHECK(workers[0]["restarts"].size() == kRestartCauses.size());
  CHECK(workers[1]["pid"] == 0);
  CHECK(workers[1]["state"] == "down");
  CHECK_FALSE(workers[1].contains("pss_bytes"));
  CHECK_FALSE(workers[1].contains("request"));
}

TEST_CASE("a status that was written can be read again", "[status_json]") {
  CHECK(parse_status(to_json(example_status())) == example_status());
  CHECK(parse_status(to_json({})) == ServiceStatus{});
}

TEST_CASE("a request that is no UTF-8 still makes valid JSON",
          "[status_json]") {
  ServiceStatus status = example_status();
  status.workers[0].request = "GET /\xff";
  CHECK(parse_status(to_json(status))->workers[0].request == "GET /\ufffd");
}

TEST_CASE("what is no status is not taken for one", "[status_json]") {
  for (const char* const text :
       {"", "{", "{}", "7", "[]", R"({"state":7})",
        R"({"state":"ready","workers":[],"listeners":[],"latency":{}})",
        R"({"state":"ready","workers":[7],"listeners":[],"latency":{}})"}) {
    INFO(text);
    CHECK_FALSE(parse_status(text));
  }
}
