#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// A second reader of requests, written straight from the grammars of RFC 9112
// and RFC 9110: slow and obvious. It knows no limits and is looser than the
// grammar in three places, where nothing depends on the text for where a
// message ends: any visible characters make a target, and the values of Host
// and of chunk extensions may be any field value.

namespace reference {

/// A request that lies in the first `length` bytes.
struct Request {
  std::size_t start = 0;   ///< of the request line, after blank lines
  std::size_t length = 0;  ///< from the first byte
  std::string body;        ///< decoded
};

/// A chunked body that lies in the first `length` bytes.
struct Chunked {
  std::size_t length = 0;
  std::string body;
  /// Nothing that a stricter reader may refuse: extensions, zeros in front of a
  /// size, trailers.
  bool plain = true;
};

/// Nothing when the bytes do not begin with a complete, valid request.
std::optional<Request> parse_request(std::string_view bytes);

/// Nothing when they do not begin with a complete, valid chunked body.
std::optional<Chunked> parse_chunked(std::string_view bytes);

}  // namespace reference
