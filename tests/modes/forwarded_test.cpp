#include "modes/http/forwarded.hpp"

#include <stdexcept>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

constexpr std::string_view kProxies = "10.0.0.0/8,2001:db8:1::/48";

/// "ip port scheme" of a request whose peer is the proxy 10.0.0.1:4711.
std::string seen(const ForwardedFields& fields,
                 std::string_view trusted = kProxies,
                 std::string_view peer = "10.0.0.1") {
  const Client client =
      effective_client(peer, 4711, fields, TrustedPeers{trusted});
  return client.ip + ' ' + std::to_string(client.port) + ' ' +
         std::string(client.scheme);
}

std::string seen_for(const std::string& x_forwarded_for,
                     std::string_view trusted = kProxies) {
  return seen({.forwarded_for = x_forwarded_for}, trusted);
}

std::string seen_forwarded(const std::string& forwarded,
                           std::string_view trusted = kProxies) {
  return seen({.forwarded = forwarded}, trusted);
}

const std::string kPeer = "10.0.0.1 4711 http";

}  // namespace

TEST_CASE("a peer is believed only where it is listed", "[forwarded]") {
  const TrustedPeers loopback;
  CHECK(loopback.text() == "127.0.0.0/8,::1");
  CHECK(loopback.trusts_peer("127.0.0.1"));
  CHECK(loopback.trusts_peer("127.9.9.9"));
  CHECK(loopback.trusts_peer("::ffff:127.0.0.1"));
  CHECK(loopback.trusts_peer("::1"));
  CHECK_FALSE(loopback.trusts_peer("10.0.0.1"));
  CHECK_FALSE(loopback.trusts_peer("::2"));
  CHECK_FALSE(loopback.trusts_peer(""));
  CHECK_FALSE(loopback.trusts_peer("unix:/run/x.sock"));
  CHECK_FALSE(loopback.trusts_peer("localhost"));

  CHECK(TrustedPeers{" unix: , 10.0.0.1 "}.trusts_peer(""));
  CHECK(TrustedPeers{"unix:"}.trusts_peer("unix:/run/x.sock"));
  CHECK_FALSE(TrustedPeers{"unix:"}.trusts_peer("127.0.0.1"));
  CHECK(TrustedPeers{"*"}.trusts_peer("192.0.2.1"));
  CHECK(TrustedPeers{"*"}.trusts_peer(""));
  CHECK_FALSE(TrustedPeers{""}.trusts_peer("127.0.0.1"));
}

TEST_CASE("a list with what is no address is refused", "[forwarded]") {
  CHECK_THROWS_WITH(
      TrustedPeers{"127.0.0.1,proxy.local"},
      "\"proxy.local\" is no IP address or network: list addresses and "
      "networks as in 127.0.0.1,10.0.0.0/8,::1, unix: for Unix sockets, or * "
      "for everybody");
  CHECK_THROWS_AS(TrustedPeers{"10.0.0.1/8"}, std::invalid_argument);
}

TEST_CASE("without such fields the peer is the client", "[forwarded]") {
  CHECK(seen({}) == kPeer);
  CHECK(seen({}, "*") == kPeer);
}

TEST_CASE("what an untrusted peer says is ignored", "[forwarded]") {
  const ForwardedFields fields{.forwarded_for = "192.0.2.1",
                               .forwarded_proto = "https",
                               .forwarded = "for=192.0.2.2;proto=https"};
  CHECK(seen(fields, "10.0.0.2") == kPeer);
  CHECK(seen(fields, "") == kPeer);
  CHECK(seen(fields, "*", "203.0.113.5") == "192.0.2.1 0 https");
  CHECK(seen(fields, "10.0.0.0/8", "203.0.113.5") == "203.0.113.5 4711 http");
  CHECK(seen(fields, "unix:", "") == "192.0.2.1 0 https");
}

TEST_CASE("the client is the rightmost address that is no trusted proxy",
          "[forwarded]") {
  struct Row {
    const char* field;
    const char* client;
  };
  const Row rows[]{
      {"192.0.2.1", "192.0.2.1 0 http"},
      {" 192.0.2.1 ", "192.0.2.1 0 http"},
      {"192.0.2.1, 10.0.0.7", "192.0.2.1 0 http"},
      {"192.0.2.1,10.0.0.7,10.0.0.8", "192.0.2.1 0 http"},
      // What the client itself wrote stands further left.
      {"127.0.0.1, 192.0.2.1", "192.0.2.1 0 http"},
      {"6.6.6.6, 192.0.2.1, 10.0.0.7", "192.0.2.1 0 http"},
      {"10.0.0.9, 192.0.2.1", "192.0.2.1 0 http"},
      {"\"quoted, 192.0.2.1", "192.0.2.1 0 http"},
      // All are proxies: the leftmost, which nobody vouches for.
      {"10.0.0.9, 10.0.0.7", "10.0.0.9 0 http"},
      // Ports and IPv6.
      {"192.0.2.1:8080", "192.0.2.1 8080 http"},
      {"2001:db8::1", "2001:db8::1 0 http"},
      {"[2001:db8::1]", "2001:db8::1 0 http"},
      {"[2001:db8::1]:443", "2001:db8::1 443 http"},
      {"::ffff:192.0.2.1", "192.0.2.1 0 http"},
      {"192.0.2.1, 2001:db8:1::5, ::ffff:10.0.0.7", "192.0.2.1 0 http"},
      // Empty elements do not count.
      {"192.0.2.1, , 10.0.0.7,", "192.0.2.1 0 http"},
      // What is no address ends the search.
      {"unknown", "10.0.0.1 4711 http"},
      {"", "10.0.0.1 4711 http"},
      {" , ", "10.0.0.1 4711 http"},
      {"192.0.2.1, unknown, 10.0.0.7", "10.0.0.7 0 http"},
      {"192.0.2.1, _hidden", "10.0.0.1 4711 http"},
      {"192.0.2.1:65536", "10.0.0.1 4711 http"},
      {"192.0.2.1:-1", "10.0.0.1 4711 http"},
      {"192.0.2.1:", "10.0.0.1 4711 http"},
      {"[192.0.2.1]", "10.0.0.1 4711 http"},
      {"[2001:db8::1", "10.0.0.1 4711 http"},
      {"[2001:db8::1]x", "10.0.0.1 4711 http"},
      {"192.0.2.1\"; drop", "10.0.0.1 4711 http"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.field);
    CHECK(seen_for(row.field) == row.client);
  }
}

TEST_CASE("when everybody is trusted the leftmost address is the client",
          "[forwarded]") {
  CHECK(seen_for("6.6.6.6, 192.0.2.1", "*") == "6.6.6.6 0 http");
  CHECK(seen_forwarded("for=6.6.6.6, for=192.0.2.1", "*") == "6.6.6.6 0 http");
}

TEST_CASE("the scheme is the one told beside the client", "[forwarded]") {
  const auto scheme = [](const std::string& addresses,
                         const std::string& protos) {
    return seen({.forwarded_for = addresses, .forwarded_proto = protos});
  };
  CHECK(scheme("192.0.2.1", "https") == "192.0.2.1 0 https");
  CHECK(scheme("192.0.2.1", "HTTPS") == "192.0.2.1 0 https");
  CHECK(scheme("192.0.2.1, 10.0.0.7", "https, http") == "192.0.2.1 0 https");
  CHECK(scheme("6.6.6.6, 192.0.2.1", "https, http") == "192.0.2.1 0 http");
  // Of another length, the nearest proxy's word.
  CHECK(scheme("192.0.2.1, 10.0.0.7", "https") == "192.0.2.1 0 https");
  CHECK(scheme("192.0.2.1", "https, http") == "192.0.2.1 0 http");
  CHECK(scheme("", "https") == "10.0.0.1 4711 https");
  CHECK(scheme("192.0.2.1", "gopher") == "192.0.2.1 0 http");
  CHECK(scheme("192.0.2.1", ",") == "192.0.2.1 0 http");
}

TEST_CASE("Forwarded is read as RFC 7239 says", "[forwarded]") {
  struct Row {
    const char* field;
    const char* client;
  };
  const Row rows[]{
      {"for=192.0.2.1", "192.0.2.1 0 http"},
      {"For=192.0.2.1;Proto=https;by=10.0.0.1", "192.0.2.1 0 https"},
      {"by=_gate;proto=HTTPS; for=\"192.0.2.1:8080\"", "192.0.2.1 8080 https"},
      {"for=\"[2001:db8::1]\"", "2001:db8::1 0 http"},
      {"for=\"[2001:db8::1]:4711\"", "2001:db8::1 4711 http"},
      {"for=\"192.0.2.1:_hidden\"", "192.0.2.1 0 http"},
      {"for=\"192\\.0.2.1\"", "192.0.2.1 0 http"},  // a quoted pair
      {"for=192.0.2.1;proto=https, for=10.0.0.7;proto=http",
       "192.0.2.1 0 https"},
      {"for=6.6.6.6;proto=https, for=192.0.2.1, for=10.0.0.7",
       "192.0.2.1 0 http"},
      {"for=192.0.2.1;host=\"a,b;for=6.6.6.6\"", "192.0.2.1 0 http"},
      {", for=192.0.2.1;, ,", "192.0.2.1 0 http"},
      // Tolerated: a port or an IPv6 address without quotes.
      {"for=192.0.2.1:80", "192.0.2.1 80 http"},
      {"for=[2001:db8::1]", "2001:db8::1 0 http"},
      // No address: what the proxy says of the scheme counts all the same.
      {"for=unknown;proto=https", "10.0.0.1 4711 https"},
      {"for=192.0.2.1, for=_hidden, for=10.0.0.7", "10.0.0.7 0 http"},
      {"for=192.0.2.1, proto=https", "10.0.0.1 4711 https"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.field);
    CHECK(seen_forwarded(row.field) == row.client);
  }
}

TEST_CASE("a Forwarded that breaks the grammar is ignored as a whole",
          "[forwarded]") {
  // Among them a client's attempts to swallow what the proxy appends.
  for (const char* field :
       {"for", "for=", "=192.0.2.1", "for=192.0.2.1 proto=https",
        "for=6.6.6.6;x=\", for=192.0.2.1", "for=6.6.6.6;x=\"\\",
        "for=6.6.6.6;x=\", for=\"[2001:db8::1]\"", "for=\"192.0.2.1\"x",
        "for=6.6.6.6;for=192.0.2.1", "for =192.0.2.1", "for= 192.0.2.1",
        "f\"or=192.0.2.1"}) {
    CAPTURE(field);
    CHECK(seen_forwarded(field) == kPeer);
  }
}

TEST_CASE("beside X-Forwarded fields, Forwarded is not read", "[forwarded]") {
  CHECK(seen({.forwarded_for = "192.0.2.1",
              .forwarded = "for=6.6.6.6;proto=https"}) == "192.0.2.1 0 http");
  CHECK(seen({.forwarded_proto = "http",
              .forwarded = "for=6.6.6.6;proto=https"}) == kPeer);
  CHECK(seen({.forwarded_for = "unknown", .forwarded = "for=6.6.6.6"}) ==
        kPeer);
}
