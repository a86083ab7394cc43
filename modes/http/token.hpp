#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace launch {

namespace detail {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c : std::string_view{"!#$%&'*+-.^_`|~"})
    table[static_cast<unsigned char>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  return table;
}
inline constexpr auto kTokenTable = make_token_table();

}  // namespace detail

/// RFC 9110 5.6.2: the characters of methods, header names and other tokens.
constexpr bool is_token_char(char c) {
  return detail::kTokenTable[static_cast<unsigned char>(c)];
}

}  // namespace launch
