#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>

#include "modes/engine/exchange.hpp"

// Requests, and one connection's exchange of them for answers.

inline std::string get(const std::string& target,
                       const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
}
inline std::string post(const std::string& target, const std::string& body,
                        const std::string& headers = "") {
  return "POST " + target + " HTTP/1.1\r\nHost: test\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + 1))
    ++found;
  return found;
}
inline bool has(const std::string& text, const std::string& what) {
  return count(text, what) > 0;
}

/// Both ends of a connection; the server's end does not block.
struct SocketPair {
  launch::Descriptor client;
  launch::Descriptor server;

  SocketPair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) !=
            0 ||
        ::fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0)
      throw std::runtime_error("no socket pair");
    client.reset(ends[0]);
    server.reset(ends[1]);
  }

  /// What has come to the client by now.
  std::string received() const {
    std::string text;
    std::array<char, 4096> part;
    for (ssize_t n = 0; (n = ::recv(client.get(), part.data(), part.size(),
                                    MSG_DONTWAIT)) > 0;)
      text.append(part.data(), static_cast<std::size_t>(n));
    return text;
  }
};

/// One connection's bytes in and out, without an engine. An answer that waits
/// for its client gets all the time it needs.
struct Talk {
  SocketPair sockets;
  launch::HostedServer server;
  launch::Connection connection;
  std::atomic<bool> closing{false};
  launch::ExchangeOptions options;
  std::string output;  ///< of the last say(), what was sent meanwhile first

  Talk() {
    connection.fd = std::move(sockets.server);
    connection.remote = {"10.0.0.1", 1234};
    server.Get("/", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("root\n", "text/plain");
    });
    server.Get(R"(/say/(\w+))", [](const httplib::Request& request,
                                   httplib::Response& response) {
      response.set_content(request.matches[1].str() + "\n", "text/plain");
    });
    server.Get("/bye",
               [](const httplib::Request&, httplib::Response& response) {
                 response.set_header("Connection", "close");
                 response.set_content("bye\n", "text/plain");
               });
    server.Get("/throws", [](const httplib::Request&, httplib::Response&) {
      throw std::runtime_error("secret\nkept");
    });
    server.Post("/echo", [](const httplib::Request& request,
                            httplib::Response& response) {
      response.set_content(request.body, "text/plain");
    });
    server.Post("/unread",
                [](const httplib::Request&, httplib::Response& response,
                   const httplib::ContentReader&) {
                  response.set_content("unread\n", "text/plain");
                });
  }

  launch::ExchangeResult say(const std::string& bytes) {
    const launch::Exchange exchange{server, options, closing};
    launch::ThreadBuffers buffers;
    launch::ExchangeResult result;
    if (connection.input.empty()) {
      result = exchange.consume(connection, bytes, buffers);
    } else {
      connection.input += bytes;
      result = exchange.consume(connection, connection.input, buffers);
    }
    output.clear();
    while (result.streaming) {
      output += sockets.received();
      pollfd writable{connection.fd.get(), POLLOUT, 0};
      ::poll(&writable, 1, 1000);
      const std::size_t requests = result.requests;
      result = exchange.go_on(connection, buffers);
      result.requests += requests;
    }
    output += sockets.received() + buffers.output + buffers.body;
    return result;
  }
};
