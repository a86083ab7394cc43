#pragma once

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "modes/engine/engine.hpp"
#include "modes/supervisor/listener.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/sit.hpp"

inline constexpr std::size_t kLarge = 64u << 20;

inline void add_routes(launch::HostedServer& server, Gate& gate) {
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("root\n", "text/plain");
  });
  server.Get("/wait",
             [&gate](const httplib::Request&, httplib::Response& response) {
               gate.pass();
               response.set_content("waited\n", "text/plain");
             });
  server.Get("/large",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_content(std::string(kLarge, 'x'), "text/plain");
             });
  server.Post("/echo",
              [](const httplib::Request& request, httplib::Response& response) {
                response.set_content(request.body, "text/plain");
              });
}

/// An engine that serves on a port of its own. Set limits before start().
struct Service {
  explicit Service(int threads) : threads_(threads) {
    add_routes(server, gate);
    sit(board, 1, ::getpid());
  }
  ~Service() { gate.open(); }

  Service& start() {
    engine = std::make_unique<launch::Engine>(
        server, std::vector{bound.fd.get()}, board,
        launch::Engine::Options{
            .threads = threads_, .limits = limits, .accept = accept});
    engine->start();
    return *this;
  }
  RawClient client(int receive_buffer = 0) const {
    return RawClient{bound.port, receive_buffer};
  }
  std::optional<std::uint64_t>& limit(launch::Limit which) {
    return limits[static_cast<std::size_t>(which)];
  }
  bool finishes() const { return becomes_readable(engine->finished_fd()); }

  Gate gate;
  launch::HostedServer server;
  launch::LimitSettings limits{};
  launch::AcceptStrategy accept = launch::AcceptStrategy::shared;
  launch::Bound bound = launch::bind_listener("127.0.0.1", 0);
  launch::Scoreboard board = launch::Scoreboard::create();
  std::unique_ptr<launch::Engine> engine;

 private:
  int threads_;
};

inline const std::string kGet = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
inline const std::string kWait = "GET /wait HTTP/1.1\r\nHost: test\r\n\r\n";
