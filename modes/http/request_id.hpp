#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace launch {

/// Names for requests that no other request has, whatever the worker or its
/// restarts: 16 random hexadecimal digits per worker and a counter, as in
/// "9f86d081884c7d65-1a".
class RequestIds {
 public:
  explicit RequestIds(std::uint64_t prefix);
  /// With random bits of the kernel. Throws std::system_error.
  static std::uint64_t random_prefix();

  /// From any thread.
  std::string next();

 private:
  std::string prefix_;
  std::atomic<std::uint64_t> last_{0};
};

/// Whether another server's X-Request-Id can be taken over: 1 to 128
/// characters of a token (RFC 9110 5.6.2), so never a quote or a blank.
bool well_formed_request_id(std::string_view id);

}  // namespace launch
