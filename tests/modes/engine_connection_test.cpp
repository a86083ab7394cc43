// What an engine's limits do to clients that are slow, or too many.

#include <vector>

#include "modes/engine/engine.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/service.hpp"

using namespace launch;

namespace {

const std::string kGetLarge = "GET /large HTTP/1.1\r\nHost: test\r\n\r\n";

/// Sends a byte now and then until something comes back.
bool drips(RawClient& client) {
  return eventually([&] {
    client.send("x");
    pollfd entry{client.fd(), POLLIN, 0};
    return ::poll(&entry, 1, 50) == 1;
  });
}

/// Takes a byte now and then until the engine has no connection but `others`.
bool is_cut(const Service& service, RawClient& client, std::size_t others) {
  return eventually([&] {
    char byte = 0;
    ::poll(nullptr, 0, 20);
    ::recv(client.fd(), &byte, 1, MSG_DONTWAIT);
    return service.engine->open_connections() == others;
  });
}

}  // namespace

TEST_CASE("a head that drips in is refused, and delays nobody", "[engine]") {
  Service service{GENERATE(1, 4)};
  service.limit(Limit::header_time) = 1000;
  service.start();
  RawClient slow = service.client();
  slow.send("GET / HTTP/1.1\r\nHost: te");
  RawClient other = service.client();
  CHECK(body_of(other.get("/")) == "root\n");
  REQUIRE(drips(slow));
  CHECK(body_of(other.get("/")) == "root\n");
  const std::string response = slow.receive();
  CHECK(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(says_close(response));
  CHECK(eventually([&] { return service.engine->open_connections() == 1; }));
}

TEST_CASE("a body that drips in is refused, however long it may take",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.limit(Limit::body_time) = 1000;
  service.limit(Limit::body_rate) = 1000;
  service.start();
  RawClient slow = service.client();
  slow.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9000\r\n\r\n");
  REQUIRE(drips(slow));
  const std::string response = slow.receive();
  CHECK(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(says_close(response));
  CHECK(eventually([&] { return service.engine->open_connections() == 0; }));
}

TEST_CASE("a client that leaves in the middle of a request is told nothing",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.start();
  RawClient client = service.client();
  client.send("GET / HT");
  client.finish_sending();
  CHECK(client.is_closed());
}

TEST_CASE("a client that takes an answer byte by byte is cut", "[engine]") {
  Service service{GENERATE(1, 4)};
  service.limit(Limit::write_time) = 1000;
  service.limit(Limit::write_rate) = 1'000'000;
  service.start();
  RawClient slow = service.client(65'536);
  slow.send(kGetLarge);
  RawClient other = service.client();
  CHECK(body_of(other.get("/")) == "root\n");
  CHECK(is_cut(service, slow, 1));
  CHECK(body_of(other.get("/")) == "root\n");
  // The kernel does not go on delivering.
  CHECK(slow.receive_all().size() < kLarge);
}

TEST_CASE("a client that does not take a produced answer frees its thread",
          "[engine]") {
  Service service{GENERATE(1, 2)};
  service.limit(Limit::write_time) = 1000;
  service.server.Get("/produced", [](const httplib::Request&,
                                     httplib::Response& response) {
    response.set_content_provider(
        kLarge, "text/plain",
        [](std::size_t, std::size_t length, httplib::DataSink& sink) {
          const std::string part(std::min<std::size_t>(length, 65'536), 'p');
          return sink.write(part.data(), part.size());
        });
  });
  service.start();
  RawClient slow = service.client(65'536);
  slow.send("GET /produced HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(eventually([&] { return slow.has_news(); }));
  CHECK(is_cut(service, slow, 0));
  CHECK(body_of(service.client().get("/")) == "root\n");
}

TEST_CASE("beyond the most requests in progress others are answered 503",
          "[engine]") {
  Service service{4};
  service.limit(Limit::in_progress) = 2;
  service.start();
  std::vector<RawClient> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(service.client());
    busy.back().send(kWait);
  }
  REQUIRE(service.gate.holds(2));
  RawClient client = service.client();
  const std::string response = client.get("/");
  CHECK(response.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(response.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK_FALSE(says_close(response));
  service.gate.open();
  for (RawClient& each : busy) CHECK(body_of(each.receive()) == "waited\n");
  // The same connection is served as soon as there is room.
  CHECK(eventually([&] { return body_of(client.get("/")) == "root\n"; }));
}

TEST_CASE("answers that are not taken count as requests in progress",
          "[engine]") {
  // With one thread the order of events is known: of several, one may not yet
  // have counted its last answer as sent.
  Service service{1};
  service.limit(Limit::in_progress) = 1;
  service.start();
  RawClient greedy = service.client(65'536);
  greedy.send(kGetLarge);
  RawClient client = service.client();
  CHECK(
      eventually([&] { return client.get("/").starts_with("HTTP/1.1 503 "); }));
  CHECK(body_of(greedy.receive()).size() == kLarge);
  CHECK(eventually([&] { return body_of(client.get("/")) == "root\n"; }));
  // One that leaves does not count for ever.
  greedy.send(kGetLarge);
  CHECK(
      eventually([&] { return client.get("/").starts_with("HTTP/1.1 503 "); }));
  greedy.close();
  CHECK(eventually([&] { return body_of(client.get("/")) == "root\n"; }));
}

TEST_CASE("bodies on their way keep other bodies out, and nobody else",
          "[engine]") {
  Service service{1};
  service.limit(Limit::in_progress) = 1;
  service.start();
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n";
  RawClient first = service.client();
  first.send(head + "bo");
  CHECK(eventually([&] {
    RawClient second = service.client();
    second.send(
        "POST /echo HTTP/1.1\r\nHost: test\r\n"
        "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    const std::string response = second.receive();
    return response.starts_with("HTTP/1.1 503 ") && says_close(response);
  }));
  CHECK(body_of(service.client().get("/")) == "root\n");
  first.send("dy");
  CHECK(body_of(first.receive()) == "body");
  first.send(head + "more");
  CHECK(body_of(first.receive()) == "more");
}

TEST_CASE("beyond the most connections others wait until one closes",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.limit(Limit::connections) = 2;
  service.start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(service.client());
    clients.back().send(kGet);
  }
  // They are taken in the order in which they came.
  for (std::size_t i = 0; i < clients.size(); ++i) {
    CHECK(body_of(clients[i].receive()) == "root\n");
    CHECK(service.engine->open_connections() <= 2);
    if (i + 2 < clients.size()) {
      CHECK_FALSE(clients[i + 2].has_news());
    }
    clients[i].close();
  }
  CHECK(eventually([&] { return service.engine->open_connections() == 0; }));
  CHECK(body_of(service.client().get("/")) == "root\n");
}

TEST_CASE("a connection ends after its most requests", "[engine]") {
  Service service{GENERATE(1, 4)};
  service.server.set_keep_alive_max_count(5);
  service.limit(Limit::requests) = 2;
  service.start();
  RawClient client = service.client();
  CHECK_FALSE(says_close(client.get("/")));
  CHECK(says_close(client.get("/")));
  CHECK(client.is_closed());
}
