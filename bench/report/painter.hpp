#pragma once

#include <array>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace launch::bench {

enum class Colour { bold, green, yellow, red };

/// Colours text, or leaves it alone.
class Painter {
 public:
  explicit Painter(bool on) : on_(on) {}

  std::string operator()(Colour colour, std::string_view text) const {
    constexpr std::array kCodes{"1", "1;32", "1;33", "1;31"};
    if (!on_) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m",
                       kCodes[static_cast<std::size_t>(colour)], text);
  }

 private:
  bool on_;
};

}  // namespace launch::bench
