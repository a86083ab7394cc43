#include "modes/supervisor/inherited_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "modes/supervisor/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;

namespace {

std::string refusal_of(int fd) {
  try {
    adopt_listening_socket(fd);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a listening socket is taken over, non-blocking", "[inherited]") {
  const TemporaryFolder folder;
  Descriptor tcp{::socket(AF_INET, SOCK_STREAM, 0)};
  REQUIRE(::listen(tcp.get(), 1) == 0);
  Descriptor local = unix_socket(folder.file("socket"), true);
  for (Descriptor* const socket : {&tcp, &local}) {
    const int fd = socket->release();
    const Descriptor adopted = adopt_listening_socket(fd);
    CHECK(adopted.get() == fd);
    CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    CHECK(::fcntl(fd, F_GETFD) == FD_CLOEXEC);
  }
}

TEST_CASE("what cannot be served on is refused and left open", "[inherited]") {
  const TemporaryFolder folder;
  const Descriptor file{::open("/dev/null", O_RDONLY)};
  CHECK(refusal_of(file.get()) == "that descriptor is no socket");
  const Descriptor unbound{::socket(AF_INET, SOCK_STREAM, 0)};
  CHECK(refusal_of(unbound.get()) ==
        "that socket does not listen (a systemd socket unit needs "
        "Accept=no)");
  const Descriptor datagrams{::socket(AF_INET, SOCK_DGRAM, 0)};
  CHECK(refusal_of(datagrams.get()) ==
        "that socket is neither a TCP socket nor a Unix stream socket");
  const Descriptor packets{::socket(AF_UNIX, SOCK_SEQPACKET, 0)};
  CHECK(refusal_of(packets.get()) ==
        "that socket is neither a TCP socket nor a Unix stream socket");
  for (const Descriptor* const fd : {&file, &unbound, &datagrams, &packets})
    CHECK(::fcntl(fd->get(), F_GETFD) >= 0);
  CHECK(refusal_of(987654) ==
        "that descriptor is not open (whoever starts this program must open "
        "it)");
}
