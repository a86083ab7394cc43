#include <array>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/canned_server.hpp"
#include "tests/bench/program.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using Catch::Matchers::Contains;

const std::string kGood =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

/// The words of a line that names each figure before it.
std::map<std::string, std::string> figures_of(const std::string& output) {
  std::map<std::string, std::string> figures;
  std::istringstream words(output);
  std::string name;
  while (words >> name) words >> figures[name];
  return figures;
}

std::vector<std::string> arguments_for(std::uint16_t port,
                                       std::vector<std::string> more) {
  more.insert(more.begin(), {"--port", std::to_string(port)});
  return more;
}

TEST_CASE("a normal client times every answer of the bare server",
          "[normal_client]") {
  Program server("bare_server", {});
  const std::string line = server.line();
  REQUIRE(line.starts_with("listening on 127.0.0.1:"));
  Program client("normal_client", {"--port", line.substr(23), "--duration-ms",
                                   "500", "--rate", "2000"});
  const std::string output = client.rest();
  INFO(output);
  REQUIRE(client.exit_code() == 0);
  auto figures = figures_of(output);
  CHECK(figures["requests"] == "1000");
  CHECK(figures["failures"] == "0");
  const int p50 = std::stoi(figures["p50_us"]);
  const int p99 = std::stoi(figures["p99_us"]);
  CHECK(p50 > 0);
  CHECK(p50 <= p99);
  CHECK(p99 <= std::stoi(figures["max_us"]) * 1.001);
  CHECK(std::stoi(figures["late_p99_us"]) >= 0);
}

TEST_CASE("a normal client connects once per kept and once per fresh one",
          "[normal_client]") {
  const CannedServer server({kGood});
  Program client("normal_client",
                 arguments_for(server.port(),
                               {"--rate", "100", "--duration-ms", "200",
                                "--connections", "2", "--fresh-every", "5"}));
  CHECK(figures_of(client.rest())["failures"] == "0");
  CHECK(server.requests() == 20);
  CHECK(server.accepted() == 2 + 20 / 5);
}

/// Accepts one connection and answers all its requests, the first of them
/// `pause` after it came.
void answer_late(const Descriptor& listener, int requests, milliseconds pause) {
  const Descriptor peer(::accept(listener.get(), nullptr, nullptr));
  std::array<char, 4096> buffer;
  for (int i = 0; i < requests; ++i) {
    if (::recv(peer.get(), buffer.data(), buffer.size(), 0) <= 0) return;
    if (i == 0) std::this_thread::sleep_for(pause);
    ::send(peer.get(), kGood.data(), kGood.size(), MSG_NOSIGNAL);
  }
}

TEST_CASE("a request that waits for a connection has its wait counted",
          "[normal_client]") {
  std::uint16_t port = 0;
  const Descriptor listener = listen_locally(port);
  std::thread server([&] { answer_late(listener, 30, milliseconds(300)); });
  Program client(
      "normal_client",
      arguments_for(port, {"--rate", "100", "--duration-ms", "300",
                           "--connections", "1", "--fresh-every", "0"}));
  const std::string output = client.rest();
  server.join();
  INFO(output);
  auto figures = figures_of(output);
  CHECK(figures["requests"] == "30");
  CHECK(figures["failures"] == "0");
  // Due at 0, 10, ... 290 ms and all answered after 300 ms: the 15th smallest
  // latency is that of the 16th request, due at 150 ms.
  CHECK(std::stoi(figures["p50_us"]) >= 149'000);
}

TEST_CASE("requests without an answer fail in time and are all counted",
          "[normal_client]") {
  std::uint16_t port = 0;
  const Descriptor silent = listen_locally(port);
  Program client("normal_client",
                 arguments_for(port, {"--rate", "100", "--duration-ms", "200",
                                      "--connections", "2", "--fresh-every",
                                      "10", "--timeout-ms", "300"}));
  const std::string output = client.rest();
  INFO(output);
  CHECK(client.exit_code() == 0);
  CHECK_THAT(output, Contains("requests 20 failures 20 p50_us - p99_us - "
                              "max_us 0") &&
                         Contains("the first failure: GET /: no complete "
                                  "answer within the time-out"));
}

TEST_CASE("any other status than 200 is a failure", "[normal_client]") {
  const CannedServer server(
      {"HTTP/1.1 204 No Content\r\n\r\n", false, std::string{}});
  Program client("normal_client",
                 arguments_for(server.port(), {"--rate", "100", "--path", "/a",
                                               "--duration-ms", "100"}));
  const std::string output = client.rest();
  CHECK_THAT(output, Contains("requests 10 failures 10 ") &&
                         Contains("GET /a: answered with status 204"));
}

TEST_CASE("a normal client of a port where nobody listens sees only failures",
          "[normal_client]") {
  std::uint16_t port = 0;
  listen_locally(port);
  Program client(
      "normal_client",
      arguments_for(port, {"--rate", "100", "--duration-ms", "100"}));
  const std::string output = client.rest();
  CHECK(client.exit_code() == 0);
  CHECK_THAT(output, Contains("requests 10 failures 10 ") &&
                         Contains("Connection refused"));
}

TEST_CASE("a normal client refuses what it cannot do", "[normal_client]") {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"--rate", "100"},
      {"--port"},
      {"--port", "0"},
      {"--port", "65536"},
      {"--port", "8000", "--rate", "0"},
      {"--port", "8000", "--rate", "2x"},
      {"--port", "8000", "--connections", "0"},
      {"--port", "8000", "--fresh-every", "-1"},
      {"--port", "8000", "--duration-ms"},
      {"--port", "8000", "--surprise", "1"}};
  for (const auto& arguments : wrong) {
    Program client("normal_client", arguments);
    CHECK_THAT(client.rest(), Contains("usage: normal_client --port N"));
    CHECK(client.exit_code() == 2);
  }
  Program client("normal_client", {"--port", "8000", "--path", "no-slash"});
  CHECK_THAT(client.rest(), Contains("'no-slash' is not a path"));
  CHECK(client.exit_code() == 2);
}

}  // namespace
}  // namespace launch::bench
