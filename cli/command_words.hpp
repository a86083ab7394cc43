#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace launch::cli {

/// The words of a command as a shell divides it: blanks, quotes, backslashes,
/// $VARIABLE, ~ and file patterns; but {host} and {port} stay as they are, and
/// nothing is run. Throws UsageError, with `flag` in front, when it is no
/// simple command.
std::vector<std::string> command_words(std::string_view flag,
                                       const std::string& command);

}  // namespace launch::cli
