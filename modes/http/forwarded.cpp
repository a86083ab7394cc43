#include "modes/http/forwarded.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

#include <fmt/core.h>

#include "modes/http/field.hpp"
#include "modes/http/token.hpp"

namespace launch {
namespace {

/// One proxy's word: for whom it passed the request on, and how it was asked.
struct Hop {
  std::string node{};
  std::string proto{};
  bool said = true;  ///< false: an empty list element
};

struct Node {
  IpAddress address;
  int port = 0;
};

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = list.find(',');
    // RFC 9110 5.6.1.2: empty elements do not count.
    const auto part = trim(list.substr(0, comma));
    if (!part.empty()) parts.push_back(part);
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

/// RFC 7239 6: a port is a number, or hidden behind a name like "_p".
std::optional<int> parse_port(std::string_view text) {
  if (text.size() > 1 && text.front() == '_') return 0;
  int port = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end || port < 0 ||
      port > 65'535)
    return std::nullopt;
  return port;
}

/// "1.2.3.4", "1.2.3.4:80", "::1", "[::1]" or "[::1]:80".
std::optional<Node> parse_node(std::string_view text) {
  std::string_view host = text;
  std::string_view tail;
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host = text.substr(1, bracket - 1);
    tail = text.substr(bracket + 1);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    tail = text.substr(host.size());
  }
  const auto address = IpAddress::parse(host);
  if (!address) return std::nullopt;
  if (tail.empty()) return Node{*address};
  if (tail.front() != ':') return std::nullopt;
  const auto port = parse_port(tail.substr(1));
  if (!port) return std::nullopt;
  return Node{*address, *port};
}

/// Reads `Forwarded` by the grammar of RFC 7239 section 4, from the left,
/// since a comma may stand between quotes.
class ForwardedReader {
 public:
  explicit ForwardedReader(std::string_view text) : rest_(text) {}

  std::optional<std::vector<Hop>> read() {
    std::vector<Hop> hops{{.said = false}};
    while (true) {
      skip_blanks();
      if (!read_pair(hops.back())) return std::nullopt;
      skip_blanks();
      if (rest_.empty()) break;
      if (take(',')) {
        if (hops.back().said) hops.push_back({.said = false});
      } else if (!take(';')) {
        return std::nullopt;
      }
    }
    if (!hops.back().said) hops.pop_back();
    return hops;
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view token() {
    const auto* const end =
        std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
    const auto text =
        rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(text.size());
    return text;
  }
  bool quoted(std::string& value) {
    while (!rest_.empty()) {
      if (take('"')) return true;
      take('\\');  // what follows stands for itself
      if (rest_.empty()) return false;
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    return false;
  }

  bool read_pair(Hop& hop) {
    if (rest_.empty() || rest_.front() == ';' || rest_.front() == ',')
      return true;  // the grammar lets a pair be missing
    hop.said = true;
    const auto name = token();
    if (name.empty() || !take('=')) return false;
    std::string value;
    if (take('"')) {
      if (!quoted(value)) return false;
    } else {
      // Strictly, an address with a colon must be quoted; some do not.
      const auto end = std::min(rest_.find_first_of(",; \t\""), rest_.size());
      if (end == 0) return false;
      value = rest_.substr(0, end);
      rest_.remove_prefix(end);
    }
    std::string* const known = same_word(name, "for")     ? &hop.node
                               : same_word(name, "proto") ? &hop.proto
                                                          : nullptr;
    if (known == nullptr) return true;
    if (!known->empty()) return false;  // section 4: once per element
    *known = std::move(value);
    return true;
  }

  std::string_view rest_;
};

std::vector<Hop> x_forwarded_hops(const ForwardedFields& fields) {
  std::vector<Hop> hops;
  if (!fields.forwarded_for.empty())
    for (const auto node : split(fields.forwarded_for))
      hops.push_back({.node = std::string(node)});
  if (fields.forwarded_proto.empty()) return hops;
  const auto protos = split(fields.forwarded_proto);
  if (protos.empty()) return hops;
  if (hops.empty()) hops.emplace_back();  // only the scheme is told
  for (std::size_t i = 0; i < hops.size(); ++i)
    hops[i].proto = protos.size() == hops.size() ? protos[i] : protos.back();
  return hops;
}

std::vector<Hop> hops_of(const ForwardedFields& fields) {
  if (!fields.forwarded_for.empty() || !fields.forwarded_proto.empty())
    return x_forwarded_hops(fields);
  if (fields.forwarded.empty()) return {};
  return ForwardedReader{fields.forwarded}.read().value_or(std::vector<Hop>{});
}

constexpr std::array<std::string_view, 2> kSchemes{"http", "https"};

}  // namespace

TrustedPeers::TrustedPeers(std::string_view list) : text_(list) {
  if (trim(list).empty()) return;
  for (const auto entry : split(list)) {
    if (entry == "*") {
      everybody_ = true;
    } else if (entry == "unix:") {
      unix_sockets_ = true;
    } else {
      try {
        networks_.push_back(IpNetwork::parse(entry));
      } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(fmt::format(
            "\"{}\" {}: list addresses and networks as in "
            "127.0.0.1,10.0.0.0/8,::1, unix: for Unix sockets, or * for "
            "everybody",
            entry, error.what()));
      }
    }
  }
}

bool TrustedPeers::trusts(const IpAddress& address) const {
  return everybody_ || std::any_of(networks_.begin(), networks_.end(),
                                   [&](const IpNetwork& network) {
                                     return network.contains(address);
                                   });
}

bool TrustedPeers::trusts_peer(std::string_view ip) const {
  if (everybody_) return true;
  if (ip.empty() || ip.starts_with("unix:")) return unix_sockets_;
  const auto address = IpAddress::parse(ip);
  return address && trusts(*address);
}

bool add_field(ForwardedFields& fields, std::string_view name,
               std::string_view value) {
  std::string* to = same_word(name, "X-Forwarded-For") ? &fields.forwarded_for
                    : same_word(name, "X-Forwarded-Proto")
                        ? &fields.forwarded_proto
                    : same_word(name, "Forwarded") ? &fields.forwarded
                                                   : nullptr;
  if (to == nullptr) return false;
  if (!to->empty()) *to += ", ";
  *to += value;
  return true;
}

Client effective_client(std::string_view peer_ip, int peer_port,
                        const ForwardedFields& fields,
                        const TrustedPeers& trusted) {
  Client client{std::string(peer_ip), peer_port};
  if (fields.empty() || !trusted.trusts_peer(peer_ip)) return client;
  auto hops = hops_of(fields);
  std::reverse(hops.begin(), hops.end());  // the nearest proxy's word first
  std::string_view proto;
  for (const Hop& hop : hops) {
    proto = hop.proto;
    const auto node = parse_node(hop.node);
    if (!node) break;
    client.ip = node->address.text();
    client.port = node->port;
    if (!trusted.trusts(node->address)) break;
  }
  for (const auto scheme : kSchemes)
    if (same_word(proto, scheme)) client.scheme = scheme;
  return client;
}

}  // namespace launch
