#include "modes/control/admin_server.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/example_status.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/turns.hpp"

using namespace launch;

namespace {

std::vector<Bound> two_listeners() {
  std::vector<Bound> bound;
  bound.push_back(bind_listener("127.0.0.1", 0));
  bound.push_back(bind_listener("127.0.0.1", 0));
  return bound;
}

struct Admin {
  AdminServer server{two_listeners()};
  Turns<AdminServer> turns{server, [this] {
                             ++asked;
                             return example_status();
                           }};
  int asked = 0;

  RawClient client(std::size_t listener = 0) const {
    return RawClient{server.listeners().at(listener).port};
  }
  std::string answer(RawClient& client, const std::string& request) {
    client.send(request);
    if (!turns.until([&] { return client.has_news(); })) return "silence";
    return client.receive_all();
  }
};

const std::string kLive = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";

bool has_status(const std::string& response, const std::string& status) {
  return response.starts_with("HTTP/1.1 " + status + ' ');
}

}  // namespace

TEST_CASE("every listener of the admin server answers", "[admin_server]") {
  Admin admin;
  RawClient first = admin.client(0);
  RawClient second = admin.client(1);
  CHECK(has_status(admin.answer(first, kLive), "200"));
  CHECK(has_status(admin.answer(second, kLive), "200"));
  CHECK(admin.asked == 2);
}

TEST_CASE("a request in single bytes is answered when it is whole",
          "[admin_server]") {
  Admin admin;
  RawClient client = admin.client();
  for (const char c : kLive.substr(0, kLive.size() - 1)) {
    client.send({&c, 1});
    admin.turns.turn();
  }
  CHECK_FALSE(client.has_news());
  CHECK(has_status(admin.answer(client, "\n"), "200"));
}

TEST_CASE("half a request holds up nobody and is cut after some seconds",
          "[admin_server]") {
  Admin admin;
  RawClient half = admin.client();
  half.send("GET /health/live HT");
  RawClient whole = admin.client();
  CHECK(has_status(admin.answer(whole, kLive), "200"));
  whole.close();
  CHECK(admin.server.deadline() <= admin.turns.now + seconds{5});
  admin.turns.now += seconds{6};
  admin.turns.turn();
  CHECK(half.is_closed());
}

TEST_CASE("garbage and heads without end are refused", "[admin_server]") {
  Admin admin;
  RawClient garbage = admin.client();
  CHECK(has_status(admin.answer(garbage, "\x16\x03\x01\r\n\r\n"), "400"));
  RawClient endless = admin.client();
  CHECK(has_status(
      admin.answer(endless, "GET / HTTP/1.1\r\nA: " + std::string(20'000, 'a')),
      "431"));
  RawClient body = admin.client();
  CHECK(has_status(admin.answer(body,
                                "POST /status HTTP/1.1\r\nHost: a\r\n"
                                "Content-Length: 1000000\r\n\r\n"),
                   "413"));
  CHECK(admin.asked == 0);
}

TEST_CASE("only GET and HEAD are answered", "[admin_server]") {
  Admin admin;
  RawClient post = admin.client();
  CHECK(has_status(admin.answer(post,
                                "POST /status HTTP/1.1\r\nHost: a\r\n"
                                "Content-Length: 2\r\n\r\nhi"),
                   "405"));
  RawClient old = admin.client();
  CHECK(has_status(admin.answer(old, "HEAD /status HTTP/1.0\r\n\r\n"), "200"));
}

TEST_CASE("a client that ends its direction still gets its answer",
          "[admin_server]") {
  Admin admin;
  RawClient client = admin.client();
  client.send(kLive);
  client.finish_sending();
  REQUIRE(admin.turns.until([&] { return client.has_news(); }));
  CHECK(body_of(client.receive_all()) == "live\n");
}

TEST_CASE("a crowd that says nothing keeps nobody out for long",
          "[admin_server]") {
  Admin admin;
  std::vector<RawClient> crowd;
  crowd.reserve(100);
  for (int i = 0; i < 100; ++i) crowd.push_back(admin.client());
  RawClient honest = admin.client();
  honest.send(kLive);
  CHECK(admin.turns.until([&] {
    admin.turns.now += milliseconds{100};
    return honest.has_news();
  }));
}
