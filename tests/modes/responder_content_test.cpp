// What a responder does about Expect and about compression.

#include "modes/engine/responder.hpp"
#include "tests/support/both_paths.hpp"

using namespace launch;
using httplib::Request;
using httplib::Response;

TEST_CASE("a body is asked for only if the handler of Expect agrees",
          "[responder]") {
  Pair pair{[](auto& server) {
    server.set_expect_100_continue_handler(
        [](const Request& request, Response& response) {
          if (!request.has_header("X-Refuse")) return 100;
          response.set_content("no " + request.path, "text/plain");
          return std::stoi(request.get_header_value("X-Refuse"));
        });
  }};
  const std::string length = "Content-Length: 4\r\n";
  const std::string expect = "Expect: 100-continue\r\n";
  const std::string head = "POST /seen HTTP/1.1\r\nHost: h\r\n" + length;
  CHECK(pair.say(head + expect + "\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(has(pair.say(head + expect + "\r\nbody"), "200 OK"));
  for (const std::string status : {"417", "413", "200"}) {
    const std::string refuse = expect + "X-Refuse: " + status + "\r\n\r\n";
    const std::string early = pair.say(head + refuse);
    CHECK(has(early, "HTTP/1.1 " + status));
    CHECK(has(early, "Connection: close\r\n"));
    CHECK(has(early, "\r\n\r\nno /seen"));
    // No other answer when the body came at once, and nothing after it.
    CHECK(pair.say(head + refuse + "body" + get("/seen")) == early);
  }
}

TEST_CASE("only answers that are long enough are compressed", "[responder]") {
  HostedServer server;
  server.Get("/", [](const Request& request, Response& response) {
    CHECK(request.get_header_value("Accept-Encoding") == "gzip");
    response.set_content(
        std::string(std::stoul(request.get_param_value("n")), 'x'),
        "text/plain");
  });
  server.Get("/stream", [](const Request&, Response& response) {
    response.set_chunked_content_provider(
        "text/plain", [](std::size_t, httplib::DataSink& sink) {
          sink.write("part", 4);
          sink.done();
          return true;
        });
  });
  std::string logged;
  server.set_logger([&](const Request& request, const Response&) {
    logged = request.get_header_value("Accept-Encoding");
  });
  const std::atomic<bool> closing{false};
  const auto say = [&](const std::string& target) {
    ExchangeOptions options;
    options.compress_min = 100;
    const Exchange exchange{server, options, closing};
    ThreadBuffers buffers;
    Connection connection;
    exchange.consume(connection, get(target, "Accept-Encoding: gzip\r\n"),
                     buffers);
    return buffers.output;
  };
  CHECK(has(say("/?n=100"), "Content-Encoding: gzip\r\n"));
  CHECK(logged == "gzip");
  CHECK_FALSE(has(say("/?n=99"), "Content-Encoding"));
  CHECK(logged == "identity");
  // How long it will be is not known.
  CHECK(has(say("/stream"), "Content-Encoding: gzip\r\n"));
}
