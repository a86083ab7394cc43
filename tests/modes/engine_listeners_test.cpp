// An engine that serves on several listeners at once.

#include <memory>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/service.hpp"
#include "tests/support/sit.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

/// Two ports and a Unix socket, of one worker of `workers`.
struct Several {
  explicit Several(int threads, int workers = 1) : board(Scoreboard::create()) {
    add_routes(server, gate);
    server.Get("/who", [](const httplib::Request& request,
                          httplib::Response& response) {
      response.set_content(request.remote_addr + ' ' + request.local_addr,
                           "text/plain");
    });
    listeners.push_back(bind_listener("127.0.0.1", 0));
    listeners.push_back(bind_listener("127.0.0.1", 0));
    listeners.push_back(listen_on(UnixAddress{folder.file("socket")}, {}));
    for (int id = 1; id <= workers; ++id) sit(board, id, id);
    engine = std::make_unique<Engine>(server, descriptors_of(listeners), board,
                                      Engine::Options{.threads = threads});
  }
  ~Several() { gate.open(); }

  RawClient client(std::size_t i) const {
    return RawClient{connect_to(listeners[i].url)};
  }

  TemporaryFolder folder;
  Gate gate;
  HostedServer server;
  std::vector<Bound> listeners;
  Scoreboard board;
  std::unique_ptr<Engine> engine;
};

}  // namespace

TEST_CASE("an engine answers on each of its listeners", "[engine]") {
  Several service{GENERATE(1, 4)};
  service.engine->start();
  std::vector<RawClient> clients;
  for (int round = 0; round < 5; ++round)
    for (std::size_t i = 0; i < service.listeners.size(); ++i)
      clients.push_back(service.client(i));
  for (RawClient& client : clients) client.send(kGet);
  for (RawClient& client : clients)
    CHECK(body_of(client.receive()) == "root\n");
  CHECK(service.engine->open_connections() == 15);
  CHECK(body_of(service.client(0).get("/who")) == "127.0.0.1 127.0.0.1");
  CHECK(body_of(service.client(2).get("/who")) ==
        "unix: " + service.listeners[2].url);
}

TEST_CASE("a stop answers what is queued on every listener", "[engine]") {
  Several service{GENERATE(1, 4)};
  service.engine->start();
  // All threads are busy, so nobody accepts before the stop.
  std::vector<RawClient> busy;
  for (int i = 0; i < 4; ++i) {
    busy.push_back(service.client(0));
    busy.back().send(kWait);
  }
  REQUIRE(service.gate.holds(1));
  std::vector<RawClient> queued;
  for (std::size_t i = 0; i < service.listeners.size(); ++i)
    queued.push_back(service.client(i));
  refuse_new_connections(service.listeners);
  service.engine->stop();
  service.gate.open();
  for (RawClient& client : queued) {
    client.send(kGet);
    const std::string response = client.receive();
    CHECK(body_of(response) == "root\n");
    CHECK(says_close(response));
  }
  CHECK(becomes_readable(service.engine->finished_fd()));
  service.engine->join();
}

TEST_CASE(
    "whose turn it is not takes connections of no listener at first, "
    "and in the end of all",
    "[engine]") {
  // The other worker has fewer for ever, since nobody runs it.
  Several service{GENERATE(1, 4), 2};
  service.engine->start();
  std::vector<RawClient> clients;
  for (int round = 0; round < 4; ++round)
    for (std::size_t i = 0; i < service.listeners.size(); ++i) {
      clients.push_back(service.client(i));
      clients.back().send(kGet);
    }
  for (RawClient& client : clients)
    CHECK(body_of(client.receive()) == "root\n");
  CHECK(service.board.seat(1).connections == 12);
}
