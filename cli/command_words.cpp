#include "cli/command_words.hpp"

#include <wordexp.h>

#include <array>
#include <memory>

#include <fmt/format.h>

#include "bench/compare/start_command.hpp"
#include "cli/command.hpp"

namespace launch::cli {
namespace {

/// Braces mean something to a shell: these stand for the placeholders while it
/// divides the words.
struct Placeholder {
  const char* name;
  const char* stand_in;
};
constexpr std::array kPlaceholders{Placeholder{"host", "\x01"},
                                   Placeholder{"port", "\x02"}};

std::string hidden(std::string text) {
  for (const auto& [name, stand_in] : kPlaceholders)
    text = bench::with_placeholder(std::move(text), name, stand_in);
  return text;
}

std::string shown(const std::string& text) {
  std::string result;
  for (const char c : text) {
    std::string part(1, c);
    for (const auto& [name, stand_in] : kPlaceholders)
      if (part == stand_in) part = fmt::format("{{{}}}", name);
    result += part;
  }
  return result;
}

std::string_view problem_of(int error) {
  switch (error) {
    case WRDE_BADCHAR:
      return "holds one of | & ; < > ( ) { } outside quotes: quote it, or "
             "write "
             "sh -c '...'";
    case WRDE_BADVAL:
      return "names a variable that is not set";
    case WRDE_CMDSUB:
      return "would run another command: write sh -c '...' if it should";
    case WRDE_SYNTAX:
      return "has a quote without its end";
    default:
      return "is too long";
  }
}

}  // namespace

std::vector<std::string> command_words(std::string_view flag,
                                       const std::string& command) {
  wordexp_t words{};
  const int error =
      ::wordexp(hidden(command).c_str(), &words, WRDE_NOCMD | WRDE_UNDEF);
  if (error != 0)
    throw UsageError(
        fmt::format("{}: \"{}\" {}", flag, command, problem_of(error)));
  const std::unique_ptr<wordexp_t, decltype(&::wordfree)> owner(&words,
                                                                &::wordfree);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < words.we_wordc; ++i)
    result.push_back(shown(words.we_wordv[i]));
  if (result.empty())
    throw UsageError(fmt::format("{}: the command is empty", flag));
  return result;
}

}  // namespace launch::cli
