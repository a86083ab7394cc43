#include "modes/process/find_identity.hpp"

#include <unistd.h>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

const Identity kRoot{0, 0, {}};

std::string refusal_of(const std::string& user, const std::string& group,
                       const Identity& caller = kRoot) {
  try {
    find_identity(user, group, caller);
    return {};
  } catch (const IdentityError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("without a wish nothing changes", "[identity]") {
  CHECK_FALSE(find_identity("", "", kRoot).has_value());
}

TEST_CASE("a user has the groups of the system's files", "[identity]") {
  // These have the same numbers everywhere.
  const Identity daemon = find_identity("daemon", "", kRoot).value();
  CHECK(daemon.user == 1);
  CHECK(daemon.group == 1);
  CHECK(daemon.groups == std::vector<gid_t>{1});
  CHECK(find_identity("1", "", kRoot) == daemon);
  const Identity with_group = find_identity("daemon", "root", kRoot).value();
  CHECK(with_group.user == 1);
  CHECK(with_group.group == 0);
}

TEST_CASE("a group alone leaves the user", "[identity]") {
  CHECK(find_identity("", "daemon", kRoot) == Identity{0, 1, {}});
  CHECK(find_identity("", "4242", kRoot) == Identity{0, 4242, {}});
}

TEST_CASE("a number without an entry needs a group", "[identity]") {
  CHECK(find_identity("64123", "64124", kRoot) == Identity{64'123, 64'124, {}});
  CHECK(refusal_of("64123", "") ==
        "--user 64123: that user has no entry in /etc/passwd, which would name "
        "a group: add --group GID");
}

TEST_CASE("unknown names are refused", "[identity]") {
  CHECK(refusal_of("no-such-user", "") ==
        "--user no-such-user: there is no such user: name one of /etc/passwd, "
        "or a number");
  CHECK(refusal_of("", "no-such-group") ==
        "--group no-such-group: there is no such group: name one of "
        "/etc/group, or a number");
  CHECK(refusal_of("-1", "0") != "");
  CHECK(refusal_of("4294967295", "0") != "");
}

TEST_CASE("whoever is not root stays what it is", "[identity]") {
  const Identity caller{1, 1, {}};
  CHECK_FALSE(find_identity("daemon", "", caller).has_value());
  CHECK(refusal_of("root", "", caller) ==
        "--user root: only root can run the app as somebody else: start launch "
        "as root, or as that user without the flag");
  CHECK(refusal_of("", "root", caller).starts_with("--group root: only root"));
}

TEST_CASE("this process knows who it is", "[identity]") {
  CHECK(own_identity().user == ::geteuid());
  CHECK(own_identity().group == ::getegid());
}
