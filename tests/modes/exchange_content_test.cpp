// Answers that are large, that grow while they are sent, or that fail.

#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/talk.hpp"

using namespace launch;
using httplib::DataSink;
using httplib::Request;
using httplib::Response;

TEST_CASE("a handler that throws is a 500 without its text", "[exchange]") {
  Talk talk;
  CHECK_FALSE(talk.say(get("/throws")).close);
  CHECK(has(talk.output, "HTTP/1.1 500 Internal Server Error\r\n"));
  CHECK(has(talk.output, "\r\n\r\nInternal Server Error\n"));
  CHECK_FALSE(has(talk.output, "secret"));
  CHECK(talk.say(get("/say/on")).requests == 1);
}

TEST_CASE("what throws beside the handlers is a 500 too", "[exchange]") {
  Talk talk;
  talk.server.Get("/provider", [](const Request&, Response& response) {
    response.set_chunked_content_provider("text/plain",
                                          [](std::size_t, DataSink&) -> bool {
                                            throw std::runtime_error("secret");
                                          });
  });
  talk.server.set_post_routing_handler([](const Request& request, Response&) {
    if (request.path == "/say/throw") throw 42;
  });
  for (const std::string target : {"/provider", "/say/throw"}) {
    talk.connection.input.clear();
    const auto result = talk.say(get("/say/before") + get(target));
    CHECK(result.close);
    CHECK(has(talk.output, "before\nHTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(count(talk.output, "HTTP/1.1") == 2);
    CHECK_FALSE(has(talk.output, "secret"));
  }
}

TEST_CASE("content providers run to their end", "[exchange]") {
  Talk talk;
  talk.server.Get("/chunked", [](const Request&, Response& response) {
    response.set_chunked_content_provider(
        "text/plain", [](std::size_t offset, DataSink& sink) {
          if (offset < 6)
            sink.write("abc", 3);
          else
            sink.done();
          return true;
        });
  });
  talk.server.Get("/length", [](const Request&, Response& response) {
    response.set_content_provider(6, "text/plain",
                                  [](std::size_t, std::size_t, DataSink& sink) {
                                    return sink.write("abc", 3);
                                  });
  });
  talk.server.Get("/endless", [](const Request&, Response& response) {
    response.set_content_provider("text/plain",
                                  [](std::size_t offset, DataSink& sink) {
                                    if (offset < 6)
                                      sink.write("abc", 3);
                                    else
                                      sink.done();
                                    return true;
                                  });
  });
  CHECK_FALSE(talk.say(get("/chunked")).close);
  CHECK(has(talk.output, "\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n"));
  CHECK_FALSE(talk.say(get("/length")).close);
  CHECK(has(talk.output, "Content-Length: 6\r\n"));
  CHECK(has(talk.output, "\r\n\r\nabcabc"));
  // Without a length only the end of the connection can end the body.
  CHECK(talk.say(get("/endless")).close);
  CHECK(has(talk.output, "Connection: close\r\n"));
  CHECK(has(talk.output, "\r\n\r\nabcabc"));
}

TEST_CASE("each part of an endless response is sent at once", "[exchange]") {
  Talk talk;
  std::vector<std::string> received;
  talk.server.Get("/events", [&](const Request&, Response& response) {
    response.set_chunked_content_provider(
        "text/event-stream", [&](std::size_t, DataSink& sink) {
          if (received.size() == 2) {
            sink.done();
            return true;
          }
          const bool sent = sink.write("event", 5);
          received.push_back(talk.sockets.received());
          return sent;
        });
  });
  CHECK_FALSE(talk.say(get("/say/before") + get("/events")).close);
  REQUIRE(received.size() == 2);
  CHECK(has(received[0], "before\n"));
  CHECK(has(received[0], "\r\n\r\n5\r\nevent\r\n"));
  CHECK(received[1] == "5\r\nevent\r\n");
  CHECK(talk.output == "0\r\n\r\n");
}

TEST_CASE("a provider that gives up ends the connection", "[exchange]") {
  Talk talk;
  talk.server.Get("/half", [](const Request&, Response& response) {
    response.set_content_provider(
        6, "text/plain", [](std::size_t offset, std::size_t, DataSink& sink) {
          return offset == 0 && sink.write("abc", 3);
        });
  });
  CHECK(talk.say(get("/half")).close);
  CHECK(has(talk.output, "\r\n\r\nabc"));
}

TEST_CASE("large answers to pipelined requests wait for each other",
          "[exchange]") {
  Talk talk;
  const std::string large(ResponseStream::kHighWater + 1, 'x');
  talk.server.Get("/large", [&](const Request&, Response& response) {
    response.set_content(large, "text/plain");
  });
  auto result = talk.say(get("/large") + get("/large") + get("/say/last"));
  CHECK(result.requests == 1);
  CHECK(result.more);
  CHECK(talk.connection.input == get("/large") + get("/say/last"));
  result = talk.say("");
  CHECK(result.requests == 1);
  CHECK(result.more);
  result = talk.say("");
  CHECK(result.requests == 1);
  CHECK_FALSE(result.more);
  CHECK(has(talk.output, "last\n"));
}

TEST_CASE("nothing comes after a large answer that ends the connection",
          "[exchange]") {
  Talk talk;
  const std::string large(ResponseStream::kHighWater + 1, 'x');
  talk.server.Get("/large", [&](const Request&, Response& response) {
    response.set_content(large, "text/plain");
  });
  const auto result =
      talk.say(get("/large", "Connection: close\r\n") + get("/"));
  CHECK(result.close);
  CHECK(result.linger);
  CHECK_FALSE(result.more);
  CHECK(talk.connection.input.empty());
}

TEST_CASE("a large stream is sent while it grows", "[exchange]") {
  constexpr std::size_t kSize = 5u << 20;
  Talk talk;
  talk.server.Get("/stream", [](const Request&, Response& response) {
    response.set_content_provider(
        kSize, "text/plain", [](std::size_t, std::size_t left, DataSink& sink) {
          const std::string piece(std::min<std::size_t>(left, 100'000), 'x');
          return sink.write(piece.data(), piece.size());
        });
  });
  SocketPair pair;
  talk.connection.fd = std::move(pair.server);
  std::size_t received = 0;
  std::thread reader{[&] {
    std::array<char, 65'536> buffer;
    for (ssize_t n = 0;
         (n = ::recv(pair.client.get(), buffer.data(), buffer.size(), 0)) > 0;)
      received += static_cast<std::size_t>(n);
  }};
  const auto result = talk.say(get("/stream"));
  ::shutdown(talk.connection.fd.get(), SHUT_WR);
  reader.join();
  CHECK_FALSE(result.close);
  const std::size_t left = talk.output.size();
  CHECK(left < ResponseStream::kHighWater + 200'000);
  CHECK(received + left > kSize);
  CHECK(received + left < kSize + 1000);  // the head
}

TEST_CASE("a stream to a client that is gone ends", "[exchange]") {
  Talk talk;
  bool released = false;
  talk.server.Get("/stream", [&](const Request&, Response& response) {
    response.set_content_provider(
        "text/plain",
        [](std::size_t, DataSink& sink) {
          return sink.write(std::string(100'000, 'x').data(), 100'000);
        },
        [&](bool success) { released = !success; });
  });
  SocketPair pair;
  talk.connection.fd = std::move(pair.server);
  pair.client.reset();
  CHECK(talk.say(get("/stream")).close);
  CHECK(released);
}
