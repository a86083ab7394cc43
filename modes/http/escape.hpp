#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// How a log shows what a client sends.

namespace launch {

/// No limit to how long an escaped text gets.
inline constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

/// Appends `text` with '"', '\' and all that is not printable ASCII as \xNN.
/// More than `longest` bytes are cut between two characters, and "..." ends
/// them.
void append_hex_escaped(std::string& to, std::string_view text,
                        std::size_t longest = kUnlimited);

/// Appends `text` as the inside of a JSON string (RFC 8259 section 7) in
/// ASCII: other characters as \uNNNN, each maximal broken part of UTF-8
/// (Unicode 3.9, D93b) as \ufffd. Cut as above.
void append_json_escaped(std::string& to, std::string_view text,
                         std::size_t longest = kUnlimited);

}  // namespace launch
