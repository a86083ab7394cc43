#include "modes/engine/registry.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

/// Adds a connection from this port.
Connection& add(Registry& registry, int port) {
  auto connection = std::make_unique<Connection>();
  connection->remote.port = port;
  return registry.add(std::move(connection));
}

std::string ports(Registry& registry) {
  std::string text;
  registry.for_each([&](Connection& connection) {
    text += std::to_string(connection.remote.port) + ' ';
  });
  return text;
}

}  // namespace

TEST_CASE("connections leave a registry in any order", "[registry]") {
  Registry registry;
  std::vector<Connection*> added;
  for (int port = 1; port <= 5; ++port) added.push_back(&add(registry, port));
  CHECK(registry.size() == 5);
  CHECK(ports(registry) == "1 2 3 4 5 ");
  registry.remove(*added[1]);
  CHECK(ports(registry) == "1 5 3 4 ");
  registry.remove(*added[3]);
  CHECK(ports(registry) == "1 5 3 ");
  registry.remove(*added[4]);
  registry.remove(*added[0]);
  CHECK(ports(registry) == "3 ");
  registry.remove(*added[2]);
  CHECK(registry.size() == 0);
}

TEST_CASE("a connection that leaves a registry is closed", "[registry]") {
  Registry registry;
  Connection& connection = add(registry, 1);
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  connection.fd.reset(fd);
  registry.remove(connection);
  CHECK(::fcntl(fd, F_GETFD) == -1);
}
