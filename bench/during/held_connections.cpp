#include "bench/during/held_connections.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace launch::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListening = "0A";

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// Of "socket:[4711]", as the link of a descriptor says.
std::optional<std::uint64_t> inode_of(const std::string& link) {
  constexpr std::string_view kBegin = "socket:[";
  if (!link.starts_with(kBegin)) return std::nullopt;
  return number(std::string_view(link).substr(kBegin.size(),
                                              link.size() - kBegin.size() - 1),
                10);
}

}  // namespace

std::set<std::uint64_t> socket_inodes(std::string_view table,
                                      std::uint16_t port) {
  std::set<std::uint64_t> inodes;
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string row, local, remote, state, queues, timer, resent, user, wait;
    std::string inode;
    if (!(words >> row >> local >> remote >> state >> queues >> timer >>
          resent >> user >> wait >> inode))
      continue;
    const std::size_t colon = local.rfind(':');
    if (colon == std::string::npos || state == kListening ||
        number(std::string_view(local).substr(colon + 1), 16) != port)
      continue;
    if (const auto its = number(inode, 10); its && *its != 0)
      inodes.insert(*its);
  }
  return inodes;
}

std::optional<std::uint64_t> held_connections(pid_t pid, std::uint16_t port) {
  const fs::path folder = fs::path("/proc") / std::to_string(pid);
  std::set<std::uint64_t> inodes =
      socket_inodes(read_text(folder / "net" / "tcp"), port);
  inodes.merge(socket_inodes(read_text(folder / "net" / "tcp6"), port));

  std::error_code error;
  fs::directory_iterator descriptors(folder / "fd", error);
  if (error) return std::nullopt;
  std::uint64_t held = 0;
  for (; descriptors != fs::directory_iterator();
       descriptors.increment(error)) {
    if (error) break;
    const fs::path link = fs::read_symlink(descriptors->path(), error);
    const auto inode = inode_of(link.string());
    if (inode && inodes.contains(*inode)) ++held;
  }
  return held;
}

}  // namespace launch::bench
