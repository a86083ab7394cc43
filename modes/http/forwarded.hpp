#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "modes/http/ip_network.hpp"

namespace launch {

/// Whose word on where a request comes from is taken: `--forwarded-allow-ips`.
class TrustedPeers {
 public:
  static constexpr std::string_view kLoopback = "127.0.0.0/8,::1";

  TrustedPeers() : TrustedPeers(kLoopback) {}
  /// A comma-separated list of addresses, networks, "*" for everybody and
  /// "unix:" for the clients of Unix sockets; an empty one trusts nobody.
  /// Throws std::invalid_argument with one sentence.
  explicit TrustedPeers(std::string_view list);

  bool trusts(const IpAddress& address) const;
  /// As a connection has it: an IP address; of a Unix socket "" or "unix:...".
  bool trusts_peer(std::string_view ip) const;

  const std::string& text() const { return text_; }  ///< the list

 private:
  std::string text_;
  std::vector<IpNetwork> networks_;
  bool everybody_ = false;
  bool unix_sockets_ = false;
};

/// The header fields in which proxies say whom they serve. Of a field that
/// occurs several times, all values in order, joined by commas (RFC 9110 5.3).
struct ForwardedFields {
  std::string forwarded_for{};    ///< X-Forwarded-For
  std::string forwarded_proto{};  ///< X-Forwarded-Proto
  std::string forwarded{};        ///< Forwarded, RFC 7239

  bool empty() const {
    return forwarded_for.empty() && forwarded_proto.empty() &&
           forwarded.empty();
  }
};

/// Adds a header field's value if it is one of these; false if it is not.
bool add_field(ForwardedFields& fields, std::string_view name,
               std::string_view value);

/// Where a request comes from.
struct Client {
  std::string ip;
  int port = 0;  ///< 0: not known
  std::string_view scheme = "http";
};

/// The client behind the trusted proxies: the entries are read from the right,
/// where the nearest proxy wrote, as long as each is a trusted address; the
/// first that is not is the client. So what a client writes itself, left of
/// that, is never believed. When all are trusted, it is the leftmost. An entry
/// that is no address ("unknown", "_hidden") ends the search at the one before
/// it, or at the peer. The port is that of the entry, or 0.
///
/// The scheme is that of the chosen entry: its `proto`, or the element of
/// X-Forwarded-Proto at its place if that has as many, else the last. Only
/// "http" and "https" count.
///
/// With X-Forwarded-For or X-Forwarded-Proto present, Forwarded is not read:
/// the proxies in use write the former and let a client's Forwarded pass.
/// A Forwarded that breaks the grammar of RFC 7239 section 4 is ignored.
Client effective_client(std::string_view peer_ip, int peer_port,
                        const ForwardedFields& fields,
                        const TrustedPeers& trusted);

}  // namespace launch
