#include "bench/load/request.hpp"

#include <strings.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "bench/load/random.hpp"

namespace launch::bench {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || kMarks.find(c) != kMarks.npos;
  });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
         });
}

bool is_header_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

bool is_named(const std::string& name, const char* other) {
  return ::strcasecmp(name.c_str(), other) == 0;
}

void check(const RequestKind& kind) {
  if (!is_token(kind.method))
    throw std::invalid_argument(
        fmt::format("'{}' is not a request method", kind.method));
  if (!is_target(kind.target))
    throw std::invalid_argument(fmt::format(
        "'{}' is not a path: it must begin with '/' and hold no spaces",
        kind.target));
  for (const auto& [name, value] : kind.headers) {
    if (!is_token(name) || !is_header_value(value))
      throw std::invalid_argument(
          fmt::format("'{}: {}' is not a request header", name, value));
    if (is_named(name, "Content-Length") || is_named(name, "Transfer-Encoding"))
      throw std::invalid_argument(fmt::format(
          "the header {} follows from the body, leave it out", name));
  }
}

bool implies_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

Request render_request(const RequestKind& kind, std::string_view host,
                       std::uint16_t port) {
  check(kind);
  std::string bytes =
      fmt::format("{} {} HTTP/1.1\r\n", kind.method, kind.target);
  const bool own_host =
      std::any_of(kind.headers.begin(), kind.headers.end(),
                  [](const auto& h) { return is_named(h.first, "Host"); });
  if (!own_host) {
    const bool is_ipv6 = host.find(':') != host.npos;
    bytes += fmt::format("Host: {}{}{}:{}\r\n", is_ipv6 ? "[" : "", host,
                         is_ipv6 ? "]" : "", port);
  }
  for (const auto& [name, value] : kind.headers)
    bytes += fmt::format("{}: {}\r\n", name, value);
  if (!kind.body.empty() || implies_body(kind.method))
    bytes += fmt::format("Content-Length: {}\r\n", kind.body.size());
  bytes += "\r\n";
  bytes += kind.body;
  return {kind.method + ' ' + kind.target, std::move(bytes),
          kind.method == "HEAD"};
}

RequestMix::RequestMix(const std::vector<RequestKind>& kinds,
                       std::string_view host, std::uint16_t port,
                       std::uint64_t seed)
    : state_(seed) {
  if (kinds.empty()) throw std::invalid_argument("there is no request to send");
  double total = 0;
  for (const RequestKind& kind : kinds) {
    if (!(kind.weight > 0) || !std::isfinite(kind.weight))
      throw std::invalid_argument(
          fmt::format("the weight of {} {} is {}, it must be more than 0",
                      kind.method, kind.target, kind.weight));
    requests_.push_back(render_request(kind, host, port));
    total += kind.weight;
    upper_bounds_.push_back(total);
  }
  for (double& bound : upper_bounds_) bound /= total;
}

const Request& RequestMix::next() {
  if (requests_.size() == 1) return requests_.front();
  const double drawn = next_share(state_);
  // The last bound is not searched: rounding may leave it just below 1.
  const auto found =
      std::upper_bound(upper_bounds_.begin(), upper_bounds_.end() - 1, drawn);
  return requests_[static_cast<std::size_t>(found - upper_bounds_.begin())];
}

}  // namespace launch::bench
