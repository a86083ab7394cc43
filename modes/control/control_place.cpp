#include "modes/control/control_place.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "modes/control/control_client.hpp"

namespace launch {
namespace {

constexpr mode_t kForOthers = 0077;
constexpr std::string_view kSuffix = ".sock";
/// The kernel's, less the NUL at the end.
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr int kBacklog = 64;

/// Others could put a socket of their own there, or connect to ours.
void make_private_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw std::runtime_error(
        fmt::format("the folder {} cannot be made: {}", folder,
                    std::generic_category().message(errno)));
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    throw std::runtime_error(fmt::format("{} is no folder", folder));
  if (status.st_uid != ::geteuid())
    throw std::runtime_error(
        fmt::format("the folder {} is another user's", folder));
  if ((status.st_mode & kForOthers) != 0)
    throw std::runtime_error(fmt::format(
        "the folder {0} is open to others (chmod 0700 {0})", folder));
}

}  // namespace

std::string default_control_folder(
    const std::optional<std::string>& runtime_folder, uid_t user) {
  if (runtime_folder && runtime_folder->starts_with('/'))
    return *runtime_folder + "/launch";
  return fmt::format("/tmp/launch-{}", user);
}

std::string control_path(const std::string& folder, pid_t service) {
  return fmt::format("{}/{}{}", folder, service, kSuffix);
}

std::string fault_of_control_path(const std::string& path) {
  if (!path.starts_with('/'))
    return "it must be absolute, so that it holds whatever the working folder";
  if (path.size() > kLongestPath)
    return fmt::format("it has {} bytes, and that of a socket at most {}",
                       path.size(), kLongestPath);
  return "";
}

Bound open_control_socket(const ControlPlace& place) {
  if (const std::string fault = fault_of_control_path(place.path);
      !fault.empty())
    throw std::runtime_error(fmt::format("{}: {}", place.path, fault));
  if (place.is_default)
    make_private_folder(std::filesystem::path(place.path).parent_path());
  return listen_on(UnixAddress{place.path},
                   {.backlog = kBacklog, .unix_mode = 0600});
}

std::vector<std::string> living_control_sockets(const std::string& folder) {
  std::vector<std::string> living;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (path.ends_with(kSuffix) && connect_to_control(path))
      living.push_back(path);
  }
  std::sort(living.begin(), living.end());
  return living;
}

}  // namespace launch
