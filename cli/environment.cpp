#include "cli/environment.hpp"

#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/command.hpp"

namespace launch::cli {

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

int parse_number(std::string_view name, const std::string& text, int low,
                 int high) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value < low || value > high)
    throw UsageError(fmt::format(
        "the environment variable {} is \"{}\", not a whole number from {} to "
        "{}: correct or unset it",
        name, text, low, high));
  return value;
}

}  // namespace launch::cli
