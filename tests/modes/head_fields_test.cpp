#include "modes/http/head_fields.hpp"

#include "tests/support/catch.hpp"

using launch::HeadFields;
using launch::scan_head;

TEST_CASE("a head is scanned for what a log shows", "[head_fields]") {
  const HeadFields head = scan_head(
      "GET /a?b=c HTTP/1.1\r\nHost: test\r\nuser-agent:  curl/8 \r\n"
      "Referer: http://x/\r\nX-Request-ID: id-1\r\n"
      "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
      "Forwarded: for=192.0.2.2\r\n\r\n"
      "User-Agent: of the body\r\n\r\n");
  CHECK(head.method == "GET");
  CHECK(head.target == "/a?b=c");
  CHECK(head.version == "HTTP/1.1");
  CHECK(head.user_agent == "curl/8");
  CHECK(head.referer == "http://x/");
  CHECK(head.request_id == "id-1");
  CHECK(head.forwarded.forwarded_for == "192.0.2.1");
  CHECK(head.forwarded.forwarded_proto == "https");
  CHECK(head.forwarded.forwarded == "for=192.0.2.2");
}

TEST_CASE("fields that nobody sent are empty", "[head_fields]") {
  const HeadFields head = scan_head(
      "GET / HTTP/1.1\r\nHost: test\r\n\r\nReferer: of the body\r\n\r\n");
  CHECK(head.referer.empty());
  CHECK(head.user_agent.empty());
  CHECK(head.request_id.empty());
  CHECK(head.forwarded.empty());
}

TEST_CASE("lists that come in several lines are joined in order",
          "[head_fields]") {
  const HeadFields head = scan_head(
      "GET / HTTP/1.1\r\nX-Forwarded-For: 6.6.6.6\r\nReferer: one\r\n"
      "x-forwarded-for: 192.0.2.1, 10.0.0.1\r\nReferer: two\r\n"
      "Forwarded: for=a\r\nForwarded: for=b\r\nX-Request-Id: a\r\n"
      "X-Request-Id: b\r\n\r\n");
  CHECK(head.forwarded.forwarded_for == "6.6.6.6, 192.0.2.1, 10.0.0.1");
  CHECK(head.forwarded.forwarded == "for=a, for=b");
  CHECK(head.request_id == "a, b");  // which is no well-formed one
  CHECK(head.referer == "one");
}

TEST_CASE("of a malformed request line all is the target", "[head_fields]") {
  for (const char* line :
       {"nonsense", "", "GET /", "GET / HTTP", "GET / HTTP/1.1 ", "GET /a b c",
        "GET / HTTP/1.12"}) {
    CAPTURE(line);
    const std::string message = std::string(line) + "\r\n\r\n";
    const HeadFields head = scan_head(message);
    CHECK(head.method.empty());
    CHECK(head.target == line);
    CHECK(head.version.empty());
  }
  CHECK(scan_head("").target.empty());
  CHECK(scan_head("GET /cut").target == "GET /cut");
}

TEST_CASE("an incomplete or odd head is no obstacle", "[head_fields]") {
  CHECK(scan_head("GET / HTTP/1.1\r\n").target == "/");
  CHECK(scan_head("GET / HTTP/1.1\r\nReferer: cut").referer.empty());
  CHECK(scan_head("GET / HTTP/1.1\r\nno colon\r\nReferer: x\r\n").referer ==
        "x");
  CHECK(scan_head("GET / HTTP/1.1\r\nReferer : x\r\n\r\n").referer.empty());
  CHECK(scan_head("GET /a b HTTP/1.1\r\n\r\n").target == "/a b");
}
