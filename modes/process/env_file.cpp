#include "modes/process/env_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "modes/base/descriptor.hpp"

namespace launch {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kExport = "export";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_name(std::string_view text) {
  const auto part_of_name = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  };
  return !text.empty() &&
         std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(), part_of_name);
}

/// One line, and where it stands, for the sentence.
struct Line {
  std::string_view path;
  int number;

  [[noreturn]] void refuse(std::string_view why) const {
    throw EnvFileError(fmt::format("{}:{}: {}", path, number, why));
  }

  std::string unquoted(std::string_view text) const;
  std::string parse(std::string_view text) const;
};

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    default:
      return c;
  }
}

/// The value of `text`, which begins with a quote.
std::string Line::unquoted(std::string_view text) const {
  constexpr std::string_view kEscaped = "nt\"\\$";
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      const std::string_view rest = trimmed(text.substr(i + 1));
      if (!rest.empty() && rest.front() != '#')
        refuse("there is more after the closing quote: quote all of the value");
      return value;
    }
    const bool escape = quote == '"' && text[i] == '\\' &&
                        i + 1 < text.size() &&
                        kEscaped.find(text[i + 1]) != std::string_view::npos;
    value += escape ? unescaped(text[++i]) : text[i];
  }
  refuse(fmt::format("the quote is not closed: end the value with {}", quote));
}

/// "NAME=value" of a line that is neither blank nor a comment.
std::string Line::parse(std::string_view text) const {
  if (text.find('\0') != std::string_view::npos)
    refuse("holds a zero byte: is it a text file?");
  if (text.starts_with(kExport) && text.size() > kExport.size() &&
      kBlanks.find(text[kExport.size()]) != std::string_view::npos)
    text = trimmed(text.substr(kExport.size()));
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    refuse("is no variable: write NAME=value, or begin a comment with #");
  const std::string name{text.substr(0, equals)};
  if (!is_name(name))
    refuse(
        fmt::format("\"{}\" is no name of a variable: it has letters, "
                    "digits and _, and no blank stands before the =",
                    name));
  const std::string_view value = trimmed(text.substr(equals + 1));
  const bool quoted =
      !value.empty() && (value.front() == '"' || value.front() == '\'');
  return name + '=' + (quoted ? unquoted(value) : std::string(value));
}

}  // namespace

std::vector<std::string> parse_env_file(std::string_view text,
                                        std::string_view path) {
  std::vector<std::string> variables;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    variables.push_back(Line{path, number}.parse(line));
  }
  return variables;
}

std::vector<std::string> read_env_file(const std::string& path) {
  const auto refuse = [&] {
    throw EnvFileError(fmt::format("the environment file {} cannot be read: {}",
                                   path,
                                   std::generic_category().message(errno)));
  };
  // Non-blocking, so that a FIFO without a writer does not hang the start.
  const Descriptor file{
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file) refuse();
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t count = ::read(file.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse();
    if (count == 0) return parse_env_file(text, path);
    text.append(part.data(), static_cast<std::size_t>(count));
  }
}

void change_environment(const std::vector<std::string>& changes) {
  for (const std::string& change : changes) {
    const auto equals = change.find('=');
    const std::string name = change.substr(0, equals);
    if (equals == std::string::npos)
      ::unsetenv(name.c_str());
    else
      ::setenv(name.c_str(), change.c_str() + equals + 1, 1);
  }
}

}  // namespace launch
