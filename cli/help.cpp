#include "cli/help.hpp"

#include <sstream>

namespace launch::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kNames = 28;  ///< column of the descriptions

}  // namespace

std::string wrap(std::string_view text, std::size_t width) {
  std::string wrapped;
  std::size_t column = 0;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    if (!wrapped.empty()) wrapped += '\n';
    column = 0;
    std::istringstream words{line};
    for (std::string word; words >> word;) {
      if (column > 0 && column + 1 + word.size() > width) {
        wrapped += '\n';
        column = 0;
      } else if (column > 0) {
        wrapped += ' ';
        ++column;
      }
      wrapped += word;
      column += word.size();
    }
  }
  return wrapped;
}

HelpFormatter::HelpFormatter() { column_width(kNames); }

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return wrap(CLI::Formatter::make_description(app), kWidth) + '\n';
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  return wrap(CLI::Formatter::make_option_desc(option), kWidth - kNames);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  std::stringstream out;
  CLI::detail::format_help(out, command->get_name(),
                           wrap(command->get_description(), kWidth - kNames),
                           kNames);
  return out.str();
}

}  // namespace launch::cli
