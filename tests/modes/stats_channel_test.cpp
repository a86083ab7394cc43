#include "modes/supervisor/stats_channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

struct Pair {
  Descriptor ours;
  Descriptor theirs;
};

Pair make_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) ==
          0);
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

std::string received(const Descriptor& fd) {
  std::array<char, 4096> buffer{};
  const ssize_t size =
      ::recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

constexpr const char* kLine =
    R"({"workers":[{"id":1,"pid":0,"requests":5,"accepted":0,"connections":0}]})"
    "\n";

}  // namespace

TEST_CASE("each byte is answered with one line", "[stats_channel]") {
  Scoreboard scoreboard = Scoreboard::create();
  scoreboard.totals(1).requests = 5;
  Pair pair = make_pair();
  StatsChannel channel(std::move(pair.ours));
  channel.answer(scoreboard, 1);  // nothing was asked
  CHECK(received(pair.theirs).empty());
  REQUIRE(::write(pair.theirs.get(), "..", 2) == 2);
  channel.answer(scoreboard, 1);
  CHECK(received(pair.theirs) == std::string(kLine) + kLine);
}

TEST_CASE("a peer that asks no more still gets the last line",
          "[stats_channel]") {
  Scoreboard scoreboard = Scoreboard::create();
  scoreboard.totals(1).requests = 5;
  Pair pair = make_pair();
  StatsChannel channel(std::move(pair.ours));
  CHECK(channel.poll_fd() >= 0);
  ::shutdown(pair.theirs.get(), SHUT_WR);
  channel.answer(scoreboard, 1);
  CHECK(channel.poll_fd() == -1);
  channel.send(scoreboard, 1);
  CHECK(received(pair.theirs) == kLine);
}

TEST_CASE("a peer that is gone costs only the channel", "[stats_channel]") {
  const Scoreboard scoreboard = Scoreboard::create();
  Pair pair = make_pair();
  StatsChannel channel(std::move(pair.ours));
  pair.theirs.reset();
  channel.send(scoreboard, 1);
  CHECK(channel.poll_fd() == -1);
  channel.send(scoreboard, 1);
}

TEST_CASE("a peer that does not read costs only the channel",
          "[stats_channel]") {
  const Scoreboard scoreboard = Scoreboard::create();
  Pair pair = make_pair();
  StatsChannel channel(std::move(pair.ours));
  for (int i = 0; i < 100'000 && channel.poll_fd() >= 0; ++i)
    channel.send(scoreboard, 1);
  CHECK(channel.poll_fd() == -1);
}

TEST_CASE("what is no socket is not asked again", "[stats_channel]") {
  const Scoreboard scoreboard = Scoreboard::create();
  StatsChannel channel(Descriptor{::open("/dev/null", O_RDWR | O_CLOEXEC)});
  channel.answer(scoreboard, 1);
  CHECK(channel.poll_fd() == -1);
}

TEST_CASE("without a descriptor nothing happens", "[stats_channel]") {
  StatsChannel channel{Descriptor{}};
  CHECK(channel.poll_fd() == -1);
  channel.send(Scoreboard::create(), 1);
}
