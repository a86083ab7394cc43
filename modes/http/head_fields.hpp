#pragma once

#include <string>
#include <string_view>

#include "modes/http/forwarded.hpp"

namespace launch {

/// What a log shows of a request's head.
struct HeadFields {
  // Of a malformed request line all is `target`.
  std::string_view method;
  std::string_view target;
  std::string_view version;
  std::string_view referer;
  std::string_view user_agent;
  std::string request_id;  ///< X-Request-Id, unchecked
  ForwardedFields forwarded;
};

/// Scans the raw bytes of a request, whose head need not be well-formed or
/// complete. What it returns may hold any byte.
HeadFields scan_head(std::string_view message);

}  // namespace launch
