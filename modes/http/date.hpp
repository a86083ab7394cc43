#pragma once

#include <array>
#include <ctime>
#include <string_view>

namespace launch {

/// The line that dates a response, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
/// (RFC 9110 5.6.7 and 6.6.1). Kept for the second it is true. For one thread.
class DateLine {
 public:
  /// `now` is in seconds since 1970; the view lasts until the next call.
  std::string_view at(std::time_t now);

 private:
  std::time_t second_ = -1;
  std::array<char, 37> text_{};
};

}  // namespace launch
