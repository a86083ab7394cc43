#include "bench/during/held_connections.hpp"

#include <unistd.h>

#include "tests/bench/canned_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"

namespace launch::bench {
namespace {

// Port 8000 is 1F40.
constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
    "retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 "
    "00000000     0        0 11 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:1F40 0100007F:C001 01 00000000:00000000 00:00000000 "
    "00000000     0        0 12 1 0000000000000000 100 0 0 10 0\n"
    "   2: 0100007F:C001 0100007F:1F40 01 00000000:00000000 00:00000000 "
    "00000000     0        0 13 1 0000000000000000 100 0 0 10 0\n"
    "   3: 0100007F:1F40 0100007F:C002 06 00000000:00000000 03:000005D7 "
    "00000000     0        0 0 3 0000000000000000\n"
    "   4: 0100007F:1F40 0100007F:C003 08 00000001:00000000 00:00000000 "
    "00000000     0        0 14 1 0000000000000000 100 0 0 10 0\n";

TEST_CASE("sockets are found by their local port, listeners aside", "[held]") {
  CHECK(socket_inodes(kTable, 8000) == std::set<std::uint64_t>{12, 14});
  CHECK(socket_inodes(kTable, 0xc001) == std::set<std::uint64_t>{13});
  CHECK(socket_inodes(kTable, 80).empty());
}

TEST_CASE("what is no table holds nothing", "[held]") {
  CHECK(socket_inodes("", 8000).empty());
  CHECK(socket_inodes("nonsense\n1: 2\n", 8000).empty());
  CHECK(socket_inodes("0: x:1F40 y 01 a b c d e nothing\n", 8000).empty());
}

TEST_CASE("a process holds the connections that it accepted", "[held]") {
  std::uint16_t port = 0;
  const Descriptor listener = listen_locally(port);
  const std::string url = "http://127.0.0.1:" + std::to_string(port);
  const Descriptor first = connect_to(url);
  const Descriptor second = connect_to(url);
  const Descriptor waiting = connect_to(url);
  REQUIRE(waiting);
  CHECK(held_connections(::getpid(), port) == 0);
  const Descriptor one(::accept(listener.get(), nullptr, nullptr));
  Descriptor other(::accept(listener.get(), nullptr, nullptr));
  CHECK(held_connections(::getpid(), port) == 2);
  other.reset();
  CHECK(held_connections(::getpid(), port) == 1);
}

TEST_CASE("of a process that is not there nothing is known", "[held]") {
  CHECK_FALSE(held_connections(-1, 80));
}

}  // namespace
}  // namespace launch::bench
