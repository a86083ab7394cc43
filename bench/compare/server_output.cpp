#include "bench/compare/server_output.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <system_error>

namespace launch::bench {
namespace {

constexpr std::array<std::string_view, 7> kErrorWords{
    "error",  "launch: ", "exception",       "fatal",
    "cannot", "failed",   "terminate called"};
constexpr std::array<std::string_view, 4> kPrefixes{
    "ERROR:", "CRITICAL:", "WARNING:", "launch:"};
constexpr std::size_t kLongestLine = 300;

bool speaks_of_an_error(std::string_view line) {
  std::string lower(line);
  std::transform(
      lower.begin(), lower.end(), lower.begin(),
      [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kErrorWords.begin(), kErrorWords.end(),
                     [&](std::string_view word) {
                       return lower.find(word) != std::string::npos;
                     });
}

std::string_view trimmed(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

std::string_view without_prefix(std::string_view line) {
  for (std::string_view prefix : kPrefixes)
    if (line.starts_with(prefix)) line = trimmed(line.substr(prefix.size()));
  return line;
}

}  // namespace

ServerOutput::ServerOutput()
    : fd_(::memfd_create("server output", MFD_CLOEXEC)) {
  // Appending, so that the server goes on at the end after a trim.
  if (fd_.get() < 0 || ::fcntl(fd_.get(), F_SETFL, O_APPEND) < 0)
    throw std::system_error(errno, std::generic_category(),
                            "cannot keep a server's output");
}

std::string ServerOutput::tail() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) < 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  std::string text(std::min(size, kKept), '\0');
  const ssize_t got = ::pread(fd_.get(), text.data(), text.size(),
                              static_cast<off_t>(size - text.size()));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

void ServerOutput::trim() {
  struct stat status {};
  if (::fstat(fd_.get(), &status) < 0) return;
  if (static_cast<std::size_t>(status.st_size) <= kKept) return;
  const std::string kept = tail();
  if (::ftruncate(fd_.get(), 0) < 0) return;
  // What cannot be kept is only missing from an error message.
  [[maybe_unused]] const ssize_t written =
      ::write(fd_.get(), kept.data(), kept.size());
}

std::string telling_line(std::string_view output) {
  std::string_view last;
  std::string_view telling;
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    const std::string_view line = trimmed(output.substr(0, end));
    output.remove_prefix(end == std::string_view::npos ? output.size()
                                                       : end + 1);
    if (line.empty()) continue;
    last = line;
    if (speaks_of_an_error(line)) telling = line;
  }
  const std::string_view chosen = telling.empty() ? last : telling;
  return std::string(without_prefix(chosen).substr(0, kLongestLine));
}

}  // namespace launch::bench
