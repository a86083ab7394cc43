#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/load/load.hpp"

namespace launch::bench {

/// Sends one request on a connection of its own and waits for the complete
/// answer. Nothing when that is 2xx or 3xx; else one sentence: `GET /nope:
/// answered "HTTP/1.1 404 Not Found"`.
std::optional<std::string> probe(const std::string& host, std::uint16_t port,
                                 const RequestKind& kind, milliseconds timeout);

/// Whether a request of / gets a complete answer, whatever it says.
bool answers(const std::string& host, std::uint16_t port, milliseconds timeout);

}  // namespace launch::bench
