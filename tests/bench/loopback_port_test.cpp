#include "bench/during/loopback_port.hpp"

#include "tests/bench/canned_server.hpp"
#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("the range of clients' ports is read", "[port]") {
  CHECK(first_client_port("32768\t60999\n") == 32768);
  CHECK_FALSE(first_client_port(""));
  CHECK_FALSE(first_client_port("none"));
  CHECK_FALSE(first_client_port("99999 100000"));
}

TEST_CASE("a free port can be listened on", "[port]") {
  const std::uint16_t port = free_loopback_port();
  CHECK(port >= 10'000);
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address),
               sizeof address) == 0);
}

}  // namespace
}  // namespace launch::bench
