#include "modes/http/normalise.hpp"

#include "modes/http/message_framer.hpp"
#include "tests/support/catch.hpp"

using namespace launch;

namespace {

/// What becomes of a whole request; "as sent" when nothing has to.
std::string result_of(const std::string& request) {
  RequestHead head;
  MessageFramer framer;
  REQUIRE(framer.feed(request, {}, &head) == MessageFramer::State::complete);
  if (!needs_normalising(head)) return "as sent";
  return normalised(head, request.substr(head.length));
}

}  // namespace

TEST_CASE("most requests are left as they were sent", "[normalise]") {
  CHECK(result_of("GET / HTTP/1.1\r\nHost: h\r\n\r\n") == "as sent");
  CHECK(result_of("GET /http://h/ HTTP/1.1\r\nHost: h\r\n\r\n") == "as sent");
  CHECK(result_of("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n") == "as sent");
  CHECK(result_of("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n") == "as sent");
}

TEST_CASE("fields that the server fills in are taken away", "[normalise]") {
  CHECK(result_of("POST /a HTTP/1.1\r\nremote_addr: 1.2.3.4\r\nHost: h\r\n"
                  "REMOTE_PORT:1\r\nX: y\r\nLocal_Addr: a\r\nLOCAL_PORT: 2\r\n"
                  "Content-Length: 2\r\n\r\nab") ==
        "POST /a HTTP/1.1\r\nHost: h\r\nX: y\r\nContent-Length: 2\r\n\r\nab");
}

TEST_CASE("an absolute target becomes a path and the host", "[normalise]") {
  const auto get = [](const std::string& target) {
    return result_of("GET " + target + " HTTP/1.1\r\nHost: old\r\n\r\n");
  };
  const auto expected = [](const std::string& target, const std::string& host) {
    return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  };
  CHECK(get("http://new:80/a?b") == expected("/a?b", "new:80"));
  CHECK(get("HTTPS://new") == expected("/", "new"));
  CHECK(get("http://new?b") == expected("/?b", "new"));
  CHECK(get("http://user:pw@new/") == expected("/", "new"));
  CHECK(result_of("OPTIONS http://new HTTP/1.1\r\nHost: old\r\n\r\n") ==
        "OPTIONS * HTTP/1.1\r\nHost: new\r\n\r\n");
}
