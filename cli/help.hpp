#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

namespace launch::cli {

/// `text` with line breaks at blanks, so that no line is longer than `width`
/// unless a word is; line breaks in it are kept.
std::string wrap(std::string_view text, std::size_t width);

/// --help within 80 columns.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_description(const CLI::App* app) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace launch::cli
