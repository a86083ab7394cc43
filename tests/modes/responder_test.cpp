#include "modes/engine/responder.hpp"

#include "tests/support/both_paths.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using httplib::Request;
using httplib::Response;

namespace {

bool covered(HostedServer& server, const std::string& request) {
  RequestHead head;
  MessageFramer framer;
  framer.feed(request, {}, &head);
  return Responder{server}.takes_fast_path(head, request.size() - head.length);
}

const std::vector<std::string> kRequests{
    get("/seen"),
    get("/seen?a=1&b=%20x+y&a=2&a=1", "X-A: 1\r\nx-a: 2\r\nEmpty:\r\n"),
    get("/seen/word/rest%20of%20it?x"),
    get("/seen/w/%e4%zz%u00e4"),
    get("/abab"),
    get("/nowhere"),
    get("/seen/"),
    get("/headers"),
    get("/framed"),
    get("/redirect"),
    get("/throws"),
    get("/json"),
    get("/stream"),
    get("/status?s=204"),
    get("/status?s=304"),
    get("/status?s=404"),
    get("/status?s=299"),
    get("/status?s=500"),
    get("/status?s=777"),
    get("/json", "Accept-Encoding: gzip\r\n"),
    get("/json", "Accept-Encoding: identity\r\n"),
    get("/seen", "Range: bytes=0-3\r\n"),
    get("/seen", "Connection: close\r\n"),
    "GET /seen HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET /seen HTTP/1.0\r\n\r\n",
    "HEAD /seen HTTP/1.1\r\nHost: h\r\n\r\n",
    "HEAD /throws HTTP/1.1\r\nHost: h\r\n\r\n",
    "HEAD /nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
    "DELETE /seen HTTP/1.1\r\nHost: h\r\n\r\n",
    "OPTIONS /seen HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
    "TRACE /seen HTTP/1.1\r\nHost: h\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    "PUT /seen/12 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab",
    "PATCH /seen HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    post("/seen", "body", "Content-Type: text/plain\r\n"),
    post("/seen", "a=1&b=2+3",
         "Content-Type: application/x-www-form-urlencoded; charset=x\r\n"),
    post("/seen", std::string(9000, 'a'),
         "Content-Type: application/x-www-form-urlencoded\r\n"),
    post("/seen?a=0", "a=1",
         "Content-Type: application/x-www-form-urlencoded\r\n"),
    post("/seen",
         "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
         "--x--\r\n",
         "Content-Type: multipart/form-data; boundary=x\r\n"),
    "POST /seen HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "2\r\nab\r\n0\r\n\r\n",
    get("/seen#fragment"),
    get("/seen?a?b"),
    get("?a"),
    get("http://other:80/seen?x=1"),
    get("http://other"),
    get("/seen", "Remote_Addr: 6.6.6.6\r\nLOCAL_PORT: 1\r\nX: y\r\n"),
    post("/seen", "body", "REMOTE_PORT: 7\r\n"),
};

}  // namespace

TEST_CASE("both paths send the same bytes", "[responder]") {
  Pair pair;
  for (const std::string& request : kRequests) pair.say(request);
  // And one after another, when memory of the earlier ones is used again.
  std::string all;
  for (const std::string& request : kRequests)
    if (!has(request, "close") && !has(request, "HTTP/1.0") &&
        !has(request, "/framed"))
      all += request;
  CHECK(count(pair.say(all), "HTTP/1.1 ") > 30);
}

TEST_CASE("both paths run what the app set around its handlers",
          "[responder]") {
  const std::string requests = get("/seen") + get("/nowhere") + get("/throws") +
                               get("/status?s=404") + get("/stream");
  Pair pair{[](auto& server) {
    server.set_default_headers({{"Server", "test"}, {"Alpha", "1"}});
    server.set_pre_routing_handler(
        [](const Request& request, Response& response) {
          response.set_header("Pre", request.path);
          return httplib::Server::HandlerResponse::Unhandled;
        });
    server.set_post_routing_handler([](const Request&, Response& response) {
      response.set_header("Post", std::to_string(response.status));
    });
    server.set_error_handler(
        httplib::Server::Handler{[](const Request&, Response& response) {
          response.set_content("failed", "text/html");
        }});
    server.set_exception_handler(
        [](const Request&, Response& response, const std::exception_ptr&) {
          response.status = 503;
        });
  }};
  const std::string answers = pair.say(requests);
  CHECK(count(answers, "Post: ") == 5);
  CHECK(count(answers, "Pre: /") == 5);
  CHECK(count(answers, "failed") == 3);
  CHECK(has(answers, "503"));
}

TEST_CASE("a client cannot forge what the server fills in", "[responder]") {
  Pair pair;
  for (const std::string name :
       {"REMOTE_ADDR", "remote_port", "Local_Addr", "LOCAL_PORT"}) {
    const std::string answer =
        pair.say(get("/seen", name + ": forged\r\nX-Kept: yes\r\n"));
    CHECK_FALSE(has(answer, "forged"));
    CHECK(has(answer, "X-Kept: yes\n"));
    CHECK(has(answer, "REMOTE_ADDR: 10.0.0.1\n"));
  }
}

TEST_CASE("a pre-routing handler keeps requests from their handlers",
          "[responder]") {
  Pair pair{[](auto& server) {
    server.set_pre_routing_handler(
        [](const Request& request, Response& response) {
          if (request.has_header("Authorization"))
            return httplib::Server::HandlerResponse::Unhandled;
          response.status = 401;
          response.set_content("who are you?", "text/plain");
          return httplib::Server::HandlerResponse::Handled;
        });
  }};
  for (const std::string& request : kRequests) {
    const std::string answer = pair.say(request);
    CAPTURE(request, answer);
    CHECK((has(answer, "HTTP/1.1 401 ") || !has(answer, "HTTP/1.1 20")));
  }
  CHECK(has(pair.say(get("/seen", "Authorization: me\r\n")), "200 OK"));
}

TEST_CASE("a guard set through httplib::Server& is asked for every request",
          "[responder]") {
  Side side;
  register_routes(side.server);
  static_cast<httplib::Server&>(side.server)
      .set_pre_routing_handler([](const Request&, Response& response) {
        response.status = 401;
        return httplib::Server::HandlerResponse::Handled;
      });
  CHECK_FALSE(covered(side.server, get("/seen")));
  CHECK(has(side.say(get("/seen")), "HTTP/1.1 401 "));

  // Also one that comes while requests are served.
  Side late;
  register_routes(late.server);
  std::atomic<bool> closing{false};
  const Exchange exchange{late.server, {}, closing};
  static_cast<httplib::Server&>(late.server)
      .set_pre_routing_handler([](const Request&, Response& response) {
        response.status = 401;
        return httplib::Server::HandlerResponse::Handled;
      });
  Connection connection;
  ThreadBuffers buffers;
  exchange.consume(connection, get("/seen"), buffers);
  CHECK(has(buffers.output, "HTTP/1.1 401 "));
}

TEST_CASE("the fast path covers what it can and leaves the rest",
          "[responder]") {
  Side side;
  register_routes(side.server);
  HostedServer& server = side.server;
  CHECK(covered(server, get("/seen?a=b", "Accept-Encoding: br\r\n")));
  CHECK(covered(server, get("/nowhere")));
  CHECK(covered(server, post("/seen", "x")));
  CHECK(covered(server, get("/seen", "Range: bytes=0-1\r\n")));
  CHECK(covered(server, get("/seen#x")));
  CHECK_FALSE(covered(server, "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK_FALSE(covered(
      server, post("/seen", "", "Content-Type: multipart/form-data\r\n")));
  CHECK_FALSE(covered(server, post("/seen", "", "Content-Encoding: gzip\r\n")));

  Side mounted;
  register_routes(mounted.server);
  REQUIRE(mounted.server.set_mount_point("/", "."));
  CHECK_FALSE(covered(mounted.server, get("/seen")));
  CHECK(covered(mounted.server, post("/seen", "x")));

  Side reading;
  reading.server.Post(
      "/x", [](const Request&, Response&, const httplib::ContentReader&) {});
  CHECK_FALSE(covered(reading.server, post("/seen", "x")));
  CHECK(covered(reading.server, get("/seen")));
}
