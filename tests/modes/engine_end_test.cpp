// How an engine and its connections end: by a stop, a cut, or a deadline.

#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/service.hpp"

using namespace launch;

TEST_CASE("an engine without connections stops at once", "[engine]") {
  Service service{GENERATE(1, 4)};
  service.start();
  service.engine->stop();
  CHECK(service.finishes());
  service.engine->join();
  // The socket is the caller's: it still takes connections, unanswered.
  CHECK(service.client().connected());
}

TEST_CASE("a stop ends idle connections and finishes what is in flight",
          "[engine]") {
  Service service{4};
  service.start();
  RawClient idle = service.client();
  CHECK(body_of(idle.get("/")) == "root\n");
  RawClient busy = service.client();
  busy.send(kWait);
  REQUIRE(service.gate.holds(1));
  RawClient sending = service.client();
  sending.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n");
  CHECK(eventually([&] { return service.engine->open_connections() == 3; }));

  service.engine->stop();
  CHECK(idle.is_closed());
  sending.send("body");
  const std::string echoed = sending.receive();
  CHECK(body_of(echoed) == "body");
  CHECK(says_close(echoed));
  CHECK(sending.is_closed());
  service.gate.open();
  const std::string waited = busy.receive();
  CHECK(body_of(waited) == "waited\n");
  CHECK(says_close(waited));
  CHECK(busy.is_closed());
  CHECK(service.finishes());
  service.engine->join();
  CHECK(service.engine->open_connections() == 0);
}

TEST_CASE("a connection that was queued at the stop is still answered",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.start();
  // All threads are busy, so nobody accepts before the stop.
  std::vector<RawClient> busy;
  for (int i = 0; i < 4; ++i) {
    busy.push_back(service.client());
    busy.back().send(kWait);
  }
  REQUIRE(service.gate.holds(1));
  RawClient queued = service.client();
  REQUIRE(queued.connected());
  service.engine->stop();
  service.gate.open();
  queued.send(kGet);
  const std::string response = queued.receive();
  CHECK(body_of(response) == "root\n");
  CHECK(says_close(response));
  for (RawClient& client : busy) CHECK(body_of(client.receive()) == "waited\n");
  CHECK(service.finishes());
}

TEST_CASE("a connection that stays silent does not hold up a stop",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.start();
  RawClient silent = service.client();
  CHECK(eventually([&] { return service.engine->open_connections() == 1; }));
  service.engine->stop();
  CHECK(silent.is_closed());
  CHECK(service.finishes());
}

TEST_CASE("a cut ends every connection, whatever its handler does",
          "[engine]") {
  Service service{4};
  service.start();
  RawClient busy = service.client();
  busy.send(kWait);
  REQUIRE(service.gate.holds(1));
  RawClient half = service.client();
  half.send("GET / HT");
  CHECK(eventually([&] { return service.engine->open_connections() == 2; }));
  service.engine->stop();
  service.engine->cut();
  CHECK(busy.is_closed());
  CHECK(half.is_closed());
  CHECK(service.engine->open_connections() >= 1);
  service.gate.open();
  CHECK(service.finishes());
}

TEST_CASE("an idle connection is closed after its keep-alive time",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.server.set_keep_alive_timeout(1);
  service.start();
  const auto begin = Clock::now();
  RawClient silent = service.client();
  RawClient idle = service.client();
  CHECK(body_of(idle.get("/")) == "root\n");
  CHECK(idle.is_closed());
  CHECK(silent.is_closed());
  CHECK(Clock::now() - begin >= seconds{1});
}

TEST_CASE("half a request is waited for no longer than the read timeout",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.server.set_read_timeout(1);
  service.start();
  const auto begin = Clock::now();
  RawClient head = service.client();
  head.send("GET / HT");
  RawClient body = service.client();
  body.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nab");
  CHECK(head.receive_all().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(body.receive_all().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(Clock::now() - begin >= seconds{1});
}

TEST_CASE("a handler that takes too long is answered for", "[engine]") {
  Service service{2};
  service.limit(Limit::request_time) = 1000;
  service.start();
  const auto begin = Clock::now();
  RawClient client = service.client();
  client.send(kGet + kWait + kGet);
  CHECK(body_of(client.receive()) == "root\n");
  const std::string rest = client.receive_all();
  CHECK(rest.starts_with("HTTP/1.1 504 Gateway Timeout\r\n"));
  CHECK(rest.find("HTTP/1.1", 1) == std::string::npos);
  CHECK(Clock::now() - begin >= seconds{1});
  // The other thread serves on; the late one does too once it is done.
  CHECK(body_of(service.client().get("/")) == "root\n");
  service.gate.open();
  CHECK(eventually([&] { return service.engine->open_connections() == 0; }));
}

TEST_CASE("a client that takes nothing is given up after the write timeout",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.server.set_write_timeout(1);
  service.start();
  RawClient greedy = service.client(65'536);
  greedy.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(eventually([&] { return service.board.seat(1).accepted == 1; }));
  CHECK(eventually([&] { return service.engine->open_connections() == 0; }));
}

TEST_CASE("an engine that cannot go on is torn down with its threads",
          "[engine]") {
  Service service{GENERATE(1, 4)};
  service.start();
  RawClient client = service.client();
  CHECK(body_of(client.get("/")) == "root\n");
  service.engine.reset();
  CHECK(client.is_closed());
}
