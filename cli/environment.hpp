#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace launch::cli {

/// The value of an environment variable; nothing when unset or empty.
using Environment =
    std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
std::optional<std::string> environment(const std::string& name);

/// The number that `text`, the value of the variable `name`, says. Throws
/// UsageError with both when it is not a whole number from `low` to `high`.
int parse_number(std::string_view name, const std::string& text, int low,
                 int high);

}  // namespace launch::cli
