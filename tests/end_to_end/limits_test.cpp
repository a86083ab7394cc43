// Slow, large and many clients, against every mode.

#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/raw_client.hpp"

using namespace launched;

namespace {

const std::vector<std::vector<std::string>> kModes{
    {"--mode", "single"},
    {"--mode", "prefork", "--workers", "1"},
    {"--mode", "thread-pool", "--threads", "4"},
};

std::vector<std::string> with(std::vector<std::string> flags,
                              const std::vector<std::string>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

RawClient client_of(const Server& server, int receive_buffer = 0) {
  return RawClient{static_cast<std::uint16_t>(server.port()), receive_buffer};
}

const std::string kGet = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

/// Sends a byte now and then until something comes back, while others are
/// answered.
bool drips(const Server& server, RawClient& client) {
  return eventually([&] {
    client.send("x");
    CHECK(server.get("/").status == 200);
    pollfd entry{client.fd(), POLLIN, 0};
    return ::poll(&entry, 1, 50) == 1;
  });
}

}  // namespace

TEST_CASE("a slow head and a slow body are cut while others are answered",
          "[limits]") {
  for (const auto& mode : kModes) {
    INFO(mode[1]);
    const Server server(with(mode, {"--header-timeout", "1s", "--body-timeout",
                                    "1s", "--min-body-rate", "1000"}));
    RawClient head = client_of(server);
    head.send("GET / HTTP/1.1\r\nHost: te");
    REQUIRE(drips(server, head));
    CHECK(head.receive_all().starts_with("HTTP/1.1 408 Request Timeout\r\n"));

    RawClient body = client_of(server);
    body.send(
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9000\r\n\r\n");
    REQUIRE(drips(server, body));
    const std::string response = body.receive_all();
    CHECK(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    CHECK(says_close(response));
    CHECK(until([&] { return server.total("connections") == 0; }));
  }
}

TEST_CASE("a slow reader is cut while others are answered", "[limits]") {
  for (const auto& mode : kModes) {
    INFO(mode[1]);
    const Server server(
        with(mode, {"--write-timeout", "1s", "--min-write-rate", "1000000"}));
    RawClient slow = client_of(server, 65'536);
    slow.send("GET /bytes?n=50000000 HTTP/1.1\r\nHost: test\r\n\r\n");
    CHECK(eventually([&] {
      char byte = 0;
      CHECK(server.get("/").status == 200);
      ::recv(slow.fd(), &byte, 1, MSG_DONTWAIT);
      return server.total("connections") == 0;
    }));
    CHECK(slow.receive_all().size() < 50'000'000);
  }
}

TEST_CASE("what is longer than its limit is refused with its status",
          "[limits]") {
  struct Row {
    std::string request;
    std::string status;
  };
  const std::vector<Row> rows{
      {"GET /" + std::string(100, 'p') + " HTTP/1.1\r\nHost: test\r\n\r\n",
       "414"},
      {"GET / HTTP/1.1\r\nHost: test\r\nA: " + std::string(600, 'a') +
           "\r\n\r\n",
       "431"},
      {"GET / HTTP/1.1\r\nHost: test\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", "431"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1025\r\n\r\n",
       "413"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
       "\r\n401\r\n",
       "413"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1024\r\n\r\n" +
           std::string(1024, 'b'),
       "200"},
  };
  for (const auto& mode : kModes) {
    INFO(mode[1]);
    const Server server(with(mode, {"--max-target", "100", "--max-head", "512",
                                    "--max-fields", "3", "--max-body", "1K"}));
    for (const Row& row : rows) {
      INFO(row.request);
      RawClient client = client_of(server);
      client.send(row.request);
      CHECK(client.receive().substr(9, 3) == row.status);
    }
  }
}

TEST_CASE("with too many requests in progress others are answered 503",
          "[limits]") {
  for (const auto& mode : kModes) {
    // Of several threads one may not yet have counted its last answer as sent.
    if (mode[1] == "thread-pool") continue;
    INFO(mode[1]);
    const Server server(with(mode, {"--max-in-progress", "1"}));
    RawClient greedy = client_of(server, 65'536);
    greedy.send("GET /bytes?n=50000000 HTTP/1.1\r\nHost: test\r\n\r\n");
    RawClient client = client_of(server);
    std::string response;
    CHECK(eventually([&] {
      response = client.get("/");
      return response.starts_with("HTTP/1.1 503 Service Unavailable\r\n");
    }));
    CHECK(response.find("\r\nRetry-After: 1\r\n") != std::string::npos);
    CHECK(server.says("as too many are in progress; see --max-in-progress\n"));
    CHECK(body_of(greedy.receive()).size() == 50'000'000);
    CHECK(eventually(
        [&] { return client.get("/").starts_with("HTTP/1.1 200 OK\r\n"); }));
  }
}

TEST_CASE("with too many connections others wait, and are served later",
          "[limits]") {
  for (const auto& mode : kModes) {
    INFO(mode[1]);
    const Server server(with(mode, {"--max-connections", "2"}));
    std::vector<RawClient> clients;
    for (int i = 0; i < 4; ++i) {
      clients.push_back(client_of(server));
      clients.back().send(kGet);
    }
    CHECK(server.says("2 connections are open: accepting pauses"));
    for (RawClient& client : clients) {
      CHECK(client.receive().starts_with("HTTP/1.1 200 OK\r\n"));
      CHECK(server.total("connections") <= 2);
      client.close();
    }
    CHECK(count(server.err(), "accepting pauses") == 1);
  }
}

TEST_CASE("a connection that is idle, or has had its requests, is closed",
          "[limits]") {
  for (const auto& mode : kModes) {
    INFO(mode[1]);
    const Server server(with(mode, {"--keep-alive-timeout", "1s",
                                    "--max-requests-per-connection", "2"}));
    RawClient idle = client_of(server);
    CHECK_FALSE(says_close(idle.get("/")));
    CHECK(idle.is_closed());
    RawClient busy = client_of(server);
    CHECK_FALSE(says_close(busy.get("/")));
    CHECK(says_close(busy.get("/")));
    CHECK(busy.is_closed());
  }
}

TEST_CASE("check prints the limits that hold", "[limits]") {
  Program program({"check", "--max-body", "2M", "--header-timeout", "1500ms"},
                  {"LAUNCH_MAX_FIELDS=7", "LAUNCH_MAX_BODY=1M"});
  CHECK(program.exit_code() == 0);
  const std::string out = program.out();
  CHECK(count(out, "  max-body                    2M\n") == 1);
  CHECK(count(out, "  max-fields                  7\n") == 1);
  CHECK(count(out, "  header-timeout              1500ms\n") == 1);
  CHECK(count(out, "  max-requests-per-connection 1000000\n") == 1);
}

TEST_CASE("a limit that is none is refused with a sentence", "[limits]") {
  Program program({"--max-head", "64KB"});
  CHECK(program.exit_code() == 2);
  CHECK(count(program.err(),
              "--max-head: \"64KB\" is not a size from 1 to "
              "16777216 bytes: write, say, 8192, 64K or 2M") == 1);
  CHECK(count(program.err(), "\n") == 1);
}
