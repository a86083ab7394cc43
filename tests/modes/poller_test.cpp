#include "modes/engine/poller.hpp"

#include <poll.h>

#include <array>
#include <system_error>

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

using namespace launch;

namespace {

bool is_readable(const Descriptor& fd) {
  pollfd entry{fd.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

/// An epoll_event is packed: nothing may refer to its member.
void* source_of(const epoll_event& event) { return event.data.ptr; }

}  // namespace

TEST_CASE("an event is taken once, however often it was given", "[poller]") {
  const Descriptor event = make_event();
  CHECK_FALSE(take(event.get()));
  give(event.get());
  give(event.get());
  CHECK(is_readable(event));
  CHECK(take(event.get()));
  CHECK_FALSE(is_readable(event));
  CHECK_FALSE(take(event.get()));
}

TEST_CASE("a timer fires when it is armed, once or again and again",
          "[poller]") {
  const Descriptor timer = make_timer();
  CHECK_FALSE(take(timer.get()));
  const auto begin = Clock::now();
  arm(timer.get(), milliseconds{2});
  CHECK(becomes_readable(timer.get()));
  CHECK(Clock::now() - begin >= milliseconds{2});
  CHECK(take(timer.get()));

  arm(timer.get(), milliseconds{1}, milliseconds{1});
  for (int i = 0; i < 3; ++i) {
    CHECK(becomes_readable(timer.get()));
    CHECK(take(timer.get()));
  }
  arm(timer.get(), seconds{1500} + nanoseconds{1});
  CHECK_FALSE(take(timer.get()));
}

TEST_CASE("events come with the source they were added for", "[poller]") {
  Poller poller;
  const Descriptor first = make_event();
  const Descriptor second = make_event();
  int a = 0;
  int b = 0;
  poller.add(first.get(), EPOLLIN, &a);
  poller.add(second.get(), EPOLLIN, &b);
  CHECK_FALSE(poller.try_add(first.get(), EPOLLIN, &a));
  CHECK_THROWS_AS(poller.add(first.get(), EPOLLIN, &a), std::system_error);

  std::array<epoll_event, 4> events{};
  give(second.get());
  REQUIRE(poller.wait(events) == 1);
  CHECK(source_of(events[0]) == &b);
  give(first.get());
  CHECK(poller.wait(events) == 2);

  poller.change(second.get(), 0, &b);
  REQUIRE(poller.wait(events) == 1);
  CHECK(source_of(events[0]) == &a);

  poller.change(second.get(), EPOLLIN, &a);
  poller.remove(first.get());
  REQUIRE(poller.wait(events) == 1);
  CHECK(source_of(events[0]) == &a);
  CHECK_THROWS_AS(poller.change(first.get(), EPOLLIN, &a), std::system_error);
}
