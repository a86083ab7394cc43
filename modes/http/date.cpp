#include "modes/http/date.hpp"

#include <fmt/format.h>

namespace launch {
namespace {

// Not strftime(): its names are those of the app's locale.
constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string_view DateLine::at(std::time_t now) {
  if (now != second_) {
    second_ = now;
    std::tm time{};
    ::gmtime_r(&now, &time);
    fmt::format_to_n(
        text_.data(), text_.size(),
        "Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
        kDays[static_cast<std::size_t>(time.tm_wday)], time.tm_mday,
        kMonths[static_cast<std::size_t>(time.tm_mon)], time.tm_year + 1900,
        time.tm_hour, time.tm_min, time.tm_sec);
  }
  return {text_.data(), text_.size()};
}

}  // namespace launch
