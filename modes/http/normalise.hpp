#pragma once

#include <string>
#include <string_view>

#include "modes/http/request_head.hpp"

namespace launch {

/// Whether handlers must not get the request as it was sent: it names fields
/// that only the server may fill in, or its target is in absolute form, which
/// every server must understand (RFC 9112 3.2.2).
bool needs_normalising(const RequestHead& head);

/// The same request without those fields, with the target in origin form and
/// the target's authority as Host. `rest` is what follows the head, as sent.
std::string normalised(const RequestHead& head, std::string_view rest);

}  // namespace launch
