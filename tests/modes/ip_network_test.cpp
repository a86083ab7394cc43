#include "modes/http/ip_network.hpp"

#include <stdexcept>

#include "tests/support/catch.hpp"

using launch::IpAddress;
using launch::IpNetwork;

namespace {

/// As the address is written out again; "" when it is none.
std::string normal(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->text() : "";
}

bool contains(std::string_view network, std::string_view address) {
  return IpNetwork::parse(network).contains(IpAddress::parse(address).value());
}

std::string refusal_of(std::string_view network) {
  try {
    IpNetwork::parse(network);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("an address has one spelling", "[ip_network]") {
  CHECK(normal("10.0.0.1") == "10.0.0.1");
  CHECK(normal("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(normal("2001:DB8:0:0:0:0:0:1") == "2001:db8::1");
  CHECK(normal("::1") == "::1");
  CHECK(IpAddress::parse("::ffff:a00:1") == IpAddress::parse("10.0.0.1"));
}

TEST_CASE("what is no address is none", "[ip_network]") {
  for (const char* text :
       {"", "unknown", "10.0.0", "10.0.0.256", "10.0.0.01", " 10.0.0.1",
        "10.0.0.1:80", "[::1]", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9",
        "1111:2222:3333:4444:5555:6666:123.123.123.123444444444444"}) {
    CAPTURE(text);
    CHECK(normal(text).empty());
  }
  CHECK(normal(std::string_view{"10.0.0.1\0.evil", 14}).empty());
}

TEST_CASE("a network holds the addresses that begin like it", "[ip_network]") {
  CHECK(contains("10.0.0.0/8", "10.255.0.3"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
  CHECK(contains("192.0.2.4/31", "192.0.2.5"));
  CHECK_FALSE(contains("192.0.2.4/31", "192.0.2.6"));
  CHECK(contains("192.0.2.4", "192.0.2.4"));
  CHECK_FALSE(contains("192.0.2.4", "192.0.2.5"));
  CHECK(contains("0.0.0.0/0", "255.255.255.255"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(contains("::1/128", "::1"));
}

TEST_CASE("IPv4 and its mapped form in IPv6 are the same", "[ip_network]") {
  CHECK(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  CHECK(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  CHECK(contains("::ffff:0:0/96", "10.1.2.3"));
}

TEST_CASE("a network of one family holds none of the other", "[ip_network]") {
  CHECK_FALSE(contains("::/0", "10.0.0.1"));
  CHECK(contains("::/0", "2001:db8::1"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK_FALSE(contains("0.0.0.0/0", "::1"));
}

TEST_CASE("a network that cannot be meant is refused", "[ip_network]") {
  CHECK(refusal_of("localhost") == "is no IP address or network");
  CHECK(refusal_of("") == "is no IP address or network");
  for (const char* text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x"})
    CHECK(refusal_of(text) == "has a prefix length that is not from 0 to 32");
  CHECK(refusal_of("::/129") ==
        "has a prefix length that is not from 0 to 128");
  CHECK(refusal_of("10.0.0.1/8") == "has bits set beyond its prefix length");
  CHECK(refusal_of("2001:db8::1/127") ==
        "has bits set beyond its prefix length");
}
