#pragma once

#include <string>
#include <string_view>

#include "modes/http/response_writer.hpp"

// What the engine answers by itself.

namespace launch {

/// A complete response that refuses a request and ends the connection.
std::string refusal(int status, std::string_view reason);

/// The response to a request that comes while too many are in progress.
/// `persistence` is that of its connection; `head_only`: the request is a HEAD.
std::string overloaded(Persistence persistence, bool head_only);

}  // namespace launch
