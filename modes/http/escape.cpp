#include "modes/http/escape.hpp"

#include <array>
#include <iterator>

#include <fmt/format.h>

namespace launch {
namespace {

constexpr std::string_view kCut = "...";

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

/// Appends pieces as long as they fit together with the mark that ends them.
class Limited {
 public:
  Limited(std::string& to, std::size_t longest)
      : to_(to), begin_(to.size()), longest_(longest) {}

  /// False, and the mark is written, once `piece` does not fit.
  bool add(std::string_view piece) {
    const std::size_t used = to_.size() - begin_;
    if (piece.size() > longest_ - used) {
      to_.resize(begin_ + marked_);
      to_ += kCut.substr(0, longest_);
      return false;
    }
    to_ += piece;
    if (to_.size() - begin_ + kCut.size() <= longest_)
      marked_ = to_.size() - begin_;
    return true;
  }

 private:
  std::string& to_;
  std::size_t begin_;
  std::size_t longest_;
  std::size_t marked_ = 0;  ///< so much leaves room for the mark
};

std::size_t plain_prefix(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_plain(text[size])) ++size;
  return size;
}

/// Appends `text`; what is not plain by `escape`, which takes it off the front.
template <typename Escape>
void append_escaped(std::string& to, std::string_view text, std::size_t longest,
                    const Escape& escape) {
  // Nearly every text is plain and short.
  if (text.size() <= longest && plain_prefix(text) == text.size()) {
    to += text;
    return;
  }
  Limited limited{to, longest};
  while (!text.empty()) {
    if (is_plain(text.front())) {
      if (!limited.add(text.substr(0, 1))) return;
      text.remove_prefix(1);
    } else if (!limited.add(escape(text))) {
      return;
    }
  }
}

struct CodePoint {
  char32_t value;
  std::size_t size;  ///< bytes that it takes
};

constexpr char32_t kReplacement = 0xfffd;

/// The first character of UTF-8 `text`, by table 3-7 of the Unicode standard.
CodePoint decode(std::string_view text) {
  const auto at = [text](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1};
  // The second byte's range keeps out what is longer than it need be,
  // surrogates, and all above U+10FFFF.
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  std::size_t size = 0;
  char32_t value = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    size = 2;
    value = lead & 0x1fu;
  } else if ((lead & 0xf0) == 0xe0) {
    size = 3;
    value = lead & 0x0fu;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    size = 4;
    value = lead & 0x07u;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return {kReplacement, 1};
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (i == text.size() || at(i) < low || at(i) > high)
      return {kReplacement, i};
    value = value << 6 | (at(i) & 0x3fu);
    low = 0x80;
    high = 0xbf;
  }
  return {value, size};
}

}  // namespace

void append_hex_escaped(std::string& to, std::string_view text,
                        std::size_t longest) {
  append_escaped(to, text, longest, [](std::string_view& rest) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    return fmt::format("\\x{:02x}", byte);
  });
}

void append_json_escaped(std::string& to, std::string_view text,
                         std::size_t longest) {
  append_escaped(to, text, longest, [](std::string_view& rest) -> std::string {
    const auto [value, size] = decode(rest);
    rest.remove_prefix(size);
    if (value == '"') return "\\\"";
    if (value == '\\') return "\\\\";
    if (value <= 0xffff)
      return fmt::format("\\u{:04x}", static_cast<unsigned>(value));
    const auto beyond = static_cast<unsigned>(value) - 0x10000;
    return fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (beyond >> 10),
                       0xdc00 + (beyond & 0x3ff));
  });
}

}  // namespace launch
