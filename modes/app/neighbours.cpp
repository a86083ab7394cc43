#include "modes/app/neighbours.hpp"

#include <optional>
#include <string_view>
#include <system_error>

namespace launch {
namespace {

namespace fs = std::filesystem;

/// The folder that stands for `entry` of a run path; nothing for one that is
/// not relative to $ORIGIN.
std::optional<fs::path> at_origin(std::string_view entry,
                                  const fs::path& origin) {
  for (const std::string_view word : {"$ORIGIN", "${ORIGIN}"}) {
    if (!entry.starts_with(word)) continue;
    const std::string_view rest = entry.substr(word.size());
    if (rest.empty() || rest.front() == '/')
      return origin / fs::path(rest).relative_path();
  }
  return std::nullopt;
}

}  // namespace

std::vector<Neighbour> find_neighbours(const DynamicNames& names,
                                       const fs::path& origin) {
  std::vector<Neighbour> found;
  for (const std::string& name : names.needed) {
    if (name.find('/') != std::string::npos) continue;
    for (const std::string& entry : names.run_path) {
      const auto folder = at_origin(entry, origin);
      std::error_code error;
      if (!folder || !fs::is_regular_file(*folder / name, error)) continue;
      found.push_back({name, *folder / name});
      break;
    }
  }
  return found;
}

}  // namespace launch
