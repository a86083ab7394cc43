#include "modes/process/find_identity.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>

#include <fmt/format.h>

namespace launch {
namespace {

std::optional<unsigned> number_in(const std::string& text) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  // The highest number means "unchanged" to the system calls.
  if (read.ec != std::errc{} || read.ptr != end || number == ~0U)
    return std::nullopt;
  return number;
}

gid_t find_group(const std::string& text) {
  if (const group* const entry = ::getgrnam(text.c_str())) return entry->gr_gid;
  if (const auto number = number_in(text)) return *number;
  throw IdentityError(fmt::format(
      "--group {}: there is no such group: name one of /etc/group, or a number",
      text));
}

std::vector<gid_t> groups_of(const char* user, gid_t group) {
  std::vector<gid_t> groups(64);
  for (;;) {
    int count = static_cast<int>(groups.size());
    const bool complete =
        ::getgrouplist(user, group, groups.data(), &count) >= 0;
    groups.resize(static_cast<std::size_t>(count));
    if (complete) return groups;
  }
}

/// Of a number without an entry, nothing more is known than what was given.
Identity of_number(const std::string& user, const std::string& group) {
  const auto number = number_in(user);
  if (!number)
    throw IdentityError(
        fmt::format("--user {}: there is no such user: name one of "
                    "/etc/passwd, or a number",
                    user));
  if (group.empty())
    throw IdentityError(fmt::format(
        "--user {}: that user has no entry in /etc/passwd, which would name a "
        "group: add --group GID",
        user));
  return {*number, find_group(group), {}};
}

Identity of_user(const std::string& user, const std::string& group) {
  const passwd* entry = ::getpwnam(user.c_str());
  if (const auto number = number_in(user); entry == nullptr && number)
    entry = ::getpwuid(*number);
  if (entry == nullptr) return of_number(user, group);
  const gid_t main_group = group.empty() ? entry->pw_gid : find_group(group);
  return {entry->pw_uid, main_group, groups_of(entry->pw_name, main_group)};
}

}  // namespace

std::optional<Identity> find_identity(const std::string& user,
                                      const std::string& group,
                                      const Identity& caller) {
  if (user.empty() && group.empty()) return std::nullopt;
  const Identity wanted = user.empty()
                              ? Identity{caller.user, find_group(group), {}}
                              : of_user(user, group);
  if (caller.user == 0) return wanted;
  if (wanted.user == caller.user && wanted.group == caller.group)
    return std::nullopt;
  throw IdentityError(fmt::format(
      "{} {}: only root can run the app as somebody else: start launch as "
      "root, "
      "or as that user without the flag",
      user.empty() ? "--group" : "--user", user.empty() ? group : user));
}

Identity own_identity() { return {::geteuid(), ::getegid(), {}}; }

}  // namespace launch
