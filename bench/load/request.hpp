#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/load.hpp"

namespace launch::bench {

/// A request as it goes over the wire.
struct Request {
  std::string name;   ///< "GET /orders", for messages
  std::string bytes;  ///< head and body
  bool is_head = false;
};

/// The bytes of one kind of request: request line, Host, the kind's own
/// headers, and Content-Length when there is a body or the method implies one.
/// Throws std::invalid_argument, saying what is wrong, when it would not be a
/// valid HTTP/1.1 request.
Request render_request(const RequestKind& kind, std::string_view host,
                       std::uint16_t port);

/// Draws requests by weight; the same seed gives the same order.
class RequestMix {
 public:
  /// Throws std::invalid_argument when there is no kind, when a weight is not
  /// positive, or as render_request() does.
  RequestMix(const std::vector<RequestKind>& kinds, std::string_view host,
             std::uint16_t port, std::uint64_t seed);

  /// Valid as long as this object.
  const Request& next();

 private:
  std::vector<Request> requests_;
  std::vector<double> upper_bounds_;  ///< of each one's share of [0, 1)
  std::uint64_t state_;
};

}  // namespace launch::bench
