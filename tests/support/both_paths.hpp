#pragma once

#include <atomic>
#include <stdexcept>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/talk.hpp"

// One set of handlers on launch::Server and on httplib::Server, so that
// requests take the fast path and the compatible one.

/// Everything that a handler sees of a request.
inline std::string seen(const httplib::Request& request) {
  std::string text = request.method + ' ' + request.target + ' ' +
                     request.path + ' ' + request.version + '\n';
  for (const auto& [name, value] : request.headers)
    text += name + ": " + value + '\n';
  for (const auto& [name, value] : request.params)
    text += name + " = " + value + '\n';
  for (std::size_t i = 0; i < request.matches.size(); ++i)
    text += "match " + request.matches[i].str() + '\n';
  return text + request.remote_addr + ' ' +
         std::to_string(request.remote_port) + ' ' + request.local_addr + ' ' +
         std::to_string(request.local_port) + '\n' + request.body;
}

/// Registers the same handlers on any kind of server.
template <typename S>
void register_routes(S& server) {
  const auto echo = [](const httplib::Request& request,
                       httplib::Response& response) {
    response.set_content(seen(request), "text/plain");
  };
  server.Get("/seen", echo);
  server.Get(R"(/seen/(\w+)/([^/]*))", echo);
  server.Get("/(a|b)+", echo);
  server.Post("/seen", echo);
  server.Put(R"(/seen/(\d+))", echo);
  server.Delete("/seen", echo);
  server.Patch("/seen", echo);
  server.Options("/seen", echo);
  server.Get("/status",
             [](const httplib::Request& request, httplib::Response& response) {
               response.status = std::stoi(request.get_param_value("s"));
             });
  server.Get("/headers",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_header("B", "1");
               response.set_header("b", "2");
               response.set_header("A", "3");
               response.set_header("Zeta", std::string("z\0hidden", 8));
               response.body = "untyped";
             });
  server.Get("/framed",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_header("Connection", "close");
               response.set_content("bye", "text/html");
             });
  server.Get("/redirect",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_redirect("/seen");
             });
  server.Get("/throws", [](const httplib::Request&, httplib::Response&) {
    throw std::runtime_error("secret");
  });
  server.Get("/json", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(2000, ' '), "application/json");
  });
  server.Get("/stream",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_chunked_content_provider(
                   "text/plain", [](std::size_t, httplib::DataSink& sink) {
                     sink.write("part", 4);
                     sink.done();
                     return true;
                   });
             });
}

/// The bytes that come out of one server, but for the date.
struct Side {
  launch::HostedServer server;
  std::atomic<bool> closing{false};

  std::string say(const std::string& bytes) {
    SocketPair sockets;
    launch::ThreadBuffers buffers;
    launch::Connection connection;
    connection.fd = std::move(sockets.server);
    connection.remote = {"10.0.0.1", 1234};
    connection.local = {"10.0.0.2", 80};
    const launch::Exchange exchange{server, {}, closing};
    exchange.consume(connection, bytes, buffers);
    std::string output = sockets.received() + buffers.output + buffers.body;
    for (auto at = output.find("Date: "); at != std::string::npos;
         at = output.find("Date: ", at))
      output.erase(at, output.find('\n', at) + 1 - at);
    return output;
  }
};

struct Pair {
  Side fast;
  Side compatible;

  Pair() {
    register_routes(fast.server);
    register_routes<httplib::Server>(compatible.server);
  }
  template <typename Change>
  explicit Pair(const Change& change) : Pair() {
    change(fast.server);
    change(compatible.server);
  }

  /// Checks that both answer alike, and returns the answer.
  std::string say(const std::string& bytes) {
    CAPTURE(bytes);
    const std::string one = fast.say(bytes);
    CHECK(one == compatible.say(bytes));
    return one;
  }
};
