#include "modes/engine/exchange.hpp"

#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/talk.hpp"
#include "tests/support/temporary_file.hpp"

using namespace launch;
using httplib::Request;
using httplib::Response;

TEST_CASE("pipelined requests are answered in order, in one output",
          "[exchange]") {
  Talk talk;
  const auto result =
      talk.say(get("/say/one") + post("/echo", "two\n") + get("/say/three"));
  CHECK(result.requests == 3);
  CHECK_FALSE(result.close);
  CHECK(count(talk.output, "HTTP/1.1 200 OK\r\n") == 3);
  const auto one = talk.output.find("one\n");
  const auto two = talk.output.find("two\n");
  const auto three = talk.output.find("three\n");
  CHECK(one < two);
  CHECK(two < three);
  CHECK(three == talk.output.size() - 6);
  CHECK(talk.connection.input.empty());
}

TEST_CASE("an incomplete request is kept until it is complete", "[exchange]") {
  Talk talk;
  const std::string body(100'000, 'x');
  const std::string request = post("/echo", body);
  CHECK(talk.say(get("/") + request.substr(0, 50)).requests == 1);
  CHECK(talk.connection.input == request.substr(0, 50));
  CHECK(talk.say(request.substr(50, 50'000)).requests == 0);
  CHECK(talk.output.empty());
  CHECK(talk.say(request.substr(50'050)).requests == 1);
  CHECK(has(talk.output, "\r\n\r\n" + body));
  CHECK(talk.connection.input.empty());
  CHECK(talk.connection.input.capacity() < 100);  // given back
}

TEST_CASE("a request that ends the connection is the last one answered",
          "[exchange]") {
  Talk talk;
  const auto result =
      talk.say(get("/say/one") + get("/say/two", "Connection: Close\r\n") +
               get("/say/three"));
  CHECK(result.requests == 2);
  CHECK(result.close);
  CHECK(result.linger);  // the client did not stop there
  CHECK(count(talk.output, "Connection: close\r\n") == 1);
  CHECK_FALSE(has(talk.output, "three"));

  Talk other;
  const auto alone = other.say(get("/", "Connection: close\r\n"));
  CHECK(alone.close);
  CHECK_FALSE(alone.linger);
}

TEST_CASE("what a handler gives too late is dropped", "[exchange]") {
  Talk talk;
  std::atomic<std::uint32_t> tick{100};
  talk.options.ticks = &tick;
  const bool throws = GENERATE(false, true);
  talk.server.Get("/slow",
                  [&](const httplib::Request&, httplib::Response& response) {
                    CHECK(talk.connection.claim.expire(102, seconds{1}));
                    response.set_content("slow\n", "text/plain");
                    if (throws) throw std::runtime_error("after all that");
                  });
  // What was answered before is sent before: it is not late.
  auto result = talk.say(get("/say/one") + get("/slow"));
  CHECK(result.requests == 1);
  CHECK(result.more);
  CHECK(has(talk.output, "one\n"));
  result = talk.say("");
  CHECK(result.requests == 1);
  CHECK(result.close);
  CHECK(talk.output.empty());

  Talk other;
  other.options.ticks = &tick;
  CHECK_FALSE(other.say(get("/")).close);
  CHECK(has(other.output, "root\n"));
}

TEST_CASE("an HTTP/1.0 client goes on only where it says so", "[exchange]") {
  Talk talk;
  const auto on = talk.say("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK_FALSE(on.close);
  const auto last = talk.say("GET / HTTP/1.0\r\n\r\n");
  CHECK(last.close);
  CHECK(has(talk.output, "Connection: close\r\n"));
}

TEST_CASE("a connection ends after its greatest number of requests",
          "[exchange]") {
  Talk talk;
  talk.options.max_requests = 2;
  CHECK_FALSE(talk.say(get("/")).close);
  CHECK_FALSE(has(talk.output, "Connection: close"));
  CHECK(talk.say(get("/")).close);
  CHECK(has(talk.output, "Connection: close\r\n"));
}

TEST_CASE("a handler may end the connection", "[exchange]") {
  Talk talk;
  const auto result = talk.say(get("/bye"));
  CHECK(result.requests == 1);
  CHECK(result.close);
  CHECK(has(talk.output, "bye\n"));
}

TEST_CASE("a stop ends the connection, even while the handler runs",
          "[exchange]") {
  Talk talk;
  talk.server.Get("/stop", [&](const Request&, Response& response) {
    talk.closing = true;
    response.set_content("stopping\n", "text/plain");
  });
  CHECK(talk.say(get("/stop") + get("/")).requests == 1);
  CHECK(count(talk.output, "Connection: close\r\n") == 1);
  CHECK_FALSE(has(talk.output, "Keep-Alive"));
  CHECK(talk.say(get("/")).close);
  CHECK(has(talk.output, "Connection: close\r\n"));
}

TEST_CASE("a client that waits for 100 Continue gets it once", "[exchange]") {
  Talk talk;
  const std::string request = post("/echo", "body", "Expect: 100-continue\r\n");
  const std::string head = request.substr(0, request.size() - 4);
  talk.say(head);
  CHECK(talk.output == "HTTP/1.1 100 Continue\r\n\r\n");
  talk.say("bo");
  CHECK(talk.output.empty());
  CHECK(talk.say("dy").requests == 1);
  CHECK(has(talk.output, "HTTP/1.1 200 OK\r\n"));
  CHECK_FALSE(has(talk.output, "HTTP/1.1 100"));

  // With the body already here there is nothing to continue.
  talk.say(request);
  CHECK(talk.output.starts_with("HTTP/1.1 200 OK\r\n"));

  // The next request on the connection is told again.
  talk.say(head);
  CHECK(talk.output == "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_CASE("a body that nobody reads never becomes a request", "[exchange]") {
  const std::string hidden = get("/say/hidden");
  for (const std::string start :
       {"GET /", "OPTIONS /", "HEAD /", "POST /unread", "POST /nowhere",
        "DELETE /nowhere"}) {
    Talk talk;
    CAPTURE(start);
    const auto result = talk.say(
        start + " HTTP/1.1\r\nHost: test\r\nContent-Length: " +
        std::to_string(hidden.size()) + "\r\n\r\n" + hidden + get("/say/seen"));
    CHECK(result.requests == 2);
    CHECK_FALSE(has(talk.output, "hidden"));
    CHECK(has(talk.output, "seen\n"));
  }
}

TEST_CASE("a body above the limit is refused before it is sent", "[exchange]") {
  Talk talk;
  talk.options.limits.body = talk.server.payload_max_length();
  const auto result = talk.say(
      "POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n"
      "Content-Length: 8388609\r\n\r\n");
  CHECK(result.requests == 0);
  CHECK(result.close);
  CHECK(result.linger);
  CHECK(talk.output.starts_with("HTTP/1.1 413 Content Too Large\r\n"));
  CHECK_FALSE(has(talk.output, "100 Continue"));

  Talk within;
  CHECK(within.say(post("/echo", std::string(8 << 20, 'x'))).requests == 1);
  CHECK(within.output.starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("answers before a refusal are still sent", "[exchange]") {
  Talk talk;
  const auto result = talk.say(get("/say/one") + "nonsense\r\n\r\n");
  CHECK(result.requests == 1);
  CHECK(result.close);
  CHECK(has(talk.output, "one\nHTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE("the access log has a line per answer", "[exchange]") {
  const TemporaryFile file;
  RequestLog log{{.on = true, .file = file.path()}, {}, 1};
  Talk talk;
  talk.options.log = &log;
  talk.say(get("/?a=b") + get("/nowhere") +
           post("/echo", "x", "Expect: 100-continue\r\n") +
           "HEAD / HTTP/1.1\r\nHost: test\r\n\r\n" + get("/throws") +
           "\r\nnonsense\r\n\r\n");
  std::istringstream lines{file.content()};
  std::vector<std::string> told;  // from the request line on, without ours
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.starts_with("10.0.0.1 - - ["));
    const auto begin = line.find('"');
    told.push_back(line.substr(
        begin,
        line.find(' ', line.find(' ', line.rfind('"') + 2) + 1) - begin));
  }
  CHECK(told == std::vector<std::string>{"\"GET /?a=b HTTP/1.1\" 200 5",
                                         "\"GET /nowhere HTTP/1.1\" 404 -",
                                         "\"POST /echo HTTP/1.1\" 200 1",
                                         "\"HEAD / HTTP/1.1\" 200 -",
                                         "\"GET /throws HTTP/1.1\" 500 22",
                                         // "the request line is malformed\n"
                                         "\"nonsense\" 400 30"});
}

TEST_CASE("a response that fails half-way is logged as the 500 it becomes",
          "[exchange]") {
  const TemporaryFile file;
  RequestLog log{{.on = true, .file = file.path()}, {}, 1};
  Talk talk;
  talk.options.log = &log;
  talk.server.Get("/late", [](const Request&, Response& response) {
    response.set_content_provider(
        10, "text/plain",
        [](std::size_t, std::size_t, httplib::DataSink&) -> bool {
          throw std::runtime_error("late");
        });
  });
  talk.say(get("/late"));
  CHECK(talk.output.starts_with("HTTP/1.1 500 "));
  CHECK(has(file.content(), "\"GET /late HTTP/1.1\" 500 22 "));
}

TEST_CASE("a large response is logged with all its bytes", "[exchange]") {
  const TemporaryFile file;
  RequestLog log{{.on = true, .file = file.path()}, {}, 1};
  Talk talk;
  talk.options.log = &log;
  talk.server.Get("/large", [](const Request&, Response& response) {
    response.set_content(std::string(3'000'000, 'x'), "text/plain");
  });
  talk.say(get("/large"));
  CHECK(has(file.content(), "\"GET /large HTTP/1.1\" 200 3000000 "));
}

TEST_CASE(
    "beyond the most requests in progress the answer is 503, and the "
    "connection goes on",
    "[exchange]") {
  Talk talk;
  InProgress all{1};
  talk.options.in_progress = &all;
  all.answer_waits();
  auto result = talk.say(get("/") + post("/echo", "a body") +
                         "HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(result.requests == 3);
  CHECK_FALSE(result.close);
  CHECK(count(talk.output, "HTTP/1.1 503 Service Unavailable\r\n") == 3);
  CHECK(count(talk.output, "\r\nRetry-After: 1\r\n") == 3);
  CHECK(count(talk.output, "\r\nContent-Length: 34\r\n") == 3);
  CHECK(count(talk.output, "\r\n\r\ntoo many requests are in progress\n") == 2);
  CHECK(talk.output.ends_with("\r\n\r\n"));  // no body to a HEAD
  CHECK_FALSE(has(talk.output, "Connection: "));
  CHECK(all.take_refused() == 3);

  CHECK(talk.say(get("/", "Connection: close\r\n")).close);
  CHECK(has(talk.output, " 503 "));
  CHECK(has(talk.output, "\r\nConnection: close\r\n"));
  CHECK_FALSE(
      talk.say("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").close);
  CHECK(has(talk.output, "\r\nConnection: keep-alive\r\n"));

  all.answer_taken();
  result = talk.say(get("/"));
  CHECK(has(talk.output, "200 OK"));
  CHECK_FALSE(result.close);
}

TEST_CASE("a body that is not taken on ends its connection", "[exchange]") {
  Talk talk;
  InProgress all{1};
  talk.options.in_progress = &all;
  all.body_waits();
  const std::string request =
      post("/echo", "a body", "Expect: 100-continue\r\n");
  const auto result = talk.say(request.substr(0, request.size() - 1));
  CHECK(result.close);
  CHECK(result.linger);
  CHECK(talk.output.starts_with("HTTP/1.1 503 "));
  CHECK(has(talk.output, "\r\nConnection: close\r\n"));
  CHECK_FALSE(has(talk.output, "100 Continue"));
  CHECK(talk.connection.input.empty());
}

TEST_CASE("a body that was taken on is answered, whatever came since",
          "[exchange]") {
  Talk talk;
  InProgress all{1};
  talk.options.in_progress = &all;
  const std::string request = post("/echo", "a body");
  CHECK(talk.say(request.substr(0, request.size() - 3)).requests == 0);
  CHECK(talk.output.empty());
  all.answer_waits();
  CHECK(talk.say(request.substr(request.size() - 3, 1)).requests == 0);
  CHECK(talk.say(request.substr(request.size() - 2)).requests == 1);
  CHECK(has(talk.output, "200 OK"));
}
