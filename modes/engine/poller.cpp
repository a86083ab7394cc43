#include "modes/engine/poller.hpp"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "modes/base/sanitizer.hpp"

#ifdef LAUNCH_THREAD_SANITIZER
// What the thread sanitizer cannot see of code that it did not compile.
//
// A changed descriptor's next event may come, and another thread close it,
// before epoll_ctl() has returned. The kernel orders the two; the sanitizer,
// which looks at epoll_ctl() from outside, cannot know.
//
// cpp-httplib's function-local statics are guarded by code inside its library;
// only what the library itself calls is left out, not the handlers it calls.
extern "C" const char* __tsan_default_suppressions() {
  return "race:launch::Poller::change\n"
         "called_from_lib:libcpp-httplib.so\n";
}
#endif

namespace launch {
namespace {

/// Throws what errno says when a system call gave less than 0.
int checked(int result, const char* call) {
  if (result < 0) throw std::system_error{errno, std::generic_category(), call};
  return result;
}

timespec to_timespec(nanoseconds time) {
  return {static_cast<time_t>(time / seconds{1}),
          static_cast<long>((time % seconds{1}).count())};
}

}  // namespace

Poller::Poller()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

void Poller::add(int fd, std::uint32_t events, void* source) {
  checked(try_add(fd, events, source) ? 0 : -1, "epoll_ctl");
}

bool Poller::try_add(int fd, std::uint32_t events, void* source) {
  epoll_event event{events, {source}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::change(int fd, std::uint32_t events, void* source) {
  epoll_event event{events, {source}};
  checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
}

void Poller::remove(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::size_t Poller::wait(std::span<epoll_event> events) const {
  const int count = ::epoll_wait(epoll_.get(), events.data(),
                                 static_cast<int>(events.size()), -1);
  return static_cast<std::size_t>(std::max(count, 0));
}

Descriptor make_timer() {
  return Descriptor{
      checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
              "timerfd_create")};
}

Descriptor make_event() {
  return Descriptor{
      checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")};
}

void arm(int timer, nanoseconds after, nanoseconds every) {
  const itimerspec times{to_timespec(every), to_timespec(after)};
  checked(::timerfd_settime(timer, 0, &times, nullptr), "timerfd_settime");
}

void give(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);
}

bool take(int fd) {
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof count) == sizeof count;
}

}  // namespace launch
