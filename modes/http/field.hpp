#pragma once

#include <strings.h>

#include <string_view>

// How the values of HTTP headers are read, in requests and in responses.

namespace launch {

/// Equal but for the case of ASCII letters.
inline bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// Without the spaces and tabs around it.
inline std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether `word` is an element of a comma-separated list.
inline bool lists_word(std::string_view list, std::string_view word) {
  while (true) {
    const auto comma = list.find(',');
    if (same_word(trim(list.substr(0, comma)), word)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace launch
