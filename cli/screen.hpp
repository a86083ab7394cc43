#pragma once

#include <termios.h>

#include <cstddef>
#include <optional>
#include <string>

namespace launch::cli {

/// Columns and lines of the terminal on standard output; zeros when it is none.
struct TerminalSize {
  std::size_t width = 0;
  std::size_t height = 0;
};
TerminalSize terminal_size();

/// The alternate screen of the terminal, with keys read as they are pressed;
/// what was there before is back when its owner goes.
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  static void draw(const std::string& text);

  /// The next key that was pressed, if any; never blocks.
  static std::optional<char> key();

 private:
  std::optional<termios> before_;
};

}  // namespace launch::cli
