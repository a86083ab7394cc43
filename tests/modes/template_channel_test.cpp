#include "modes/supervisor/template_channel.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

using namespace launch;

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  Descriptor read;
  Descriptor write;
};

}  // namespace

TEST_CASE("an order brings a worker's numbers and its way to tell news",
          "[template_channel]") {
  auto [ours, theirs] = make_template_channel();
  Pipe news;
  std::thread templ([&theirs = theirs] {
    const auto order = next_order(theirs);
    if (!order || order->id != 3 || order->seat != 7) return;
    [[maybe_unused]] const auto n = ::write(order->news.get(), "+", 1);
    answer_order(theirs, 4711);
  });
  const auto pid = order_clone(ours, {3, 7, std::move(news.write)}, kLongest);
  templ.join();
  CHECK(pid == 4711);
  REQUIRE(becomes_readable(news.read.get()));
  char byte = 0;
  CHECK(::read(news.read.get(), &byte, 1) == 1);
  CHECK(byte == '+');
}

TEST_CASE("a clone that cannot be made is told with its reason",
          "[template_channel]") {
  auto [ours, theirs] = make_template_channel();
  Pipe news;
  errno = EAGAIN;
  answer_order(theirs, -1);
  CHECK_FALSE(order_clone(ours, {1, 1, std::move(news.write)}, kLongest));
  CHECK(errno == EAGAIN);
}

TEST_CASE("a template that says nothing is waited for no longer than allowed",
          "[template_channel]") {
  auto [ours, theirs] = make_template_channel();
  Pipe news;
  CHECK_FALSE(
      order_clone(ours, {1, 1, std::move(news.write)}, milliseconds{10}));
  CHECK(errno == ETIMEDOUT);
}

TEST_CASE("either side notices that the other is gone", "[template_channel]") {
  auto [ours, theirs] = make_template_channel();
  ours.reset();
  CHECK_FALSE(next_order(theirs));
  answer_order(theirs, 1);  // raises no signal

  auto [mine, yours] = make_template_channel();
  Pipe news;
  yours.reset();
  CHECK_FALSE(order_clone(mine, {1, 1, std::move(news.write)}, kLongest));
}
