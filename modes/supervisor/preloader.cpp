#include "modes/supervisor/preloader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/core.h>

namespace launch {
namespace {

/// A template waits for nothing but orders: it answers one within milliseconds.
constexpr milliseconds kPatience{5'000};
constexpr ExitStatus kNotStarted{127, 0};

}  // namespace

void Preloader::want(int id, int seat, bool next) {
  wishes_.push_back({id, seat, next});
  if (!which(next)) start(next);
}

bool Preloader::forget(int seat) {
  return std::erase_if(wishes_,
                       [&](const Wish& wish) { return wish.seat == seat; }) > 0;
}

void Preloader::start(bool next) {
  try {
    auto [ours, theirs] = make_template_channel();
    constexpr int kNobody = 0;
    which(next).emplace(Template{std::move(ours),
                                 WorkerProcess{kNobody, start_(theirs.get())}});
  } catch (const std::runtime_error& error) {
    fail_all(next, kNotStarted, error.what());
  }
}

std::vector<Preloader::Result> Preloader::take() {
  for (const bool next : {false, true})
    if (which(next)) serve(next);
  return std::exchange(results_, {});
}

void Preloader::serve(bool next) {
  Template& from = *which(next);
  if (from.process.became_ready()) from.ready = true;
  if (const auto status = from.process.reap()) {
    from.process.became_ready();  // its last words may have come just now
    const std::string reason = from.process.failure();
    which(next).reset();
    fail_all(next, *status, reason);
    return;
  }
  if (!from.ready) return;
  const std::vector<Wish> wishes = wishes_;
  for (const Wish& wish : wishes)
    if (wish.next == next && which(next)) make(wish, *which(next));
}

void Preloader::make(const Wish& wish, Template& from) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) < 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  Descriptor news{ends[0]};
  const auto pid = order_clone(
      from.channel, {wish.id, wish.seat, Descriptor{ends[1]}}, kPatience);
  if (!pid) {
    const std::string reason =
        fmt::format("the process of --preload could not be cloned: {}",
                    std::generic_category().message(errno));
    which(wish.next).reset();
    fail_all(wish.next, kNotStarted, reason);
    return;
  }
  results_.push_back({.id = wish.id,
                      .seat = wish.seat,
                      .worker = WorkerProcess{wish.id, *pid, std::move(news)}});
  forget(wish.seat);
}

void Preloader::fail_all(bool next, const ExitStatus& status,
                         const std::string& reason) {
  for (const Wish& wish : wishes_)
    if (wish.next == next)
      results_.push_back({.id = wish.id,
                          .seat = wish.seat,
                          .status = status,
                          .reason = reason});
  std::erase_if(wishes_, [&](const Wish& wish) { return wish.next == next; });
}

void Preloader::add_to(std::vector<pollfd>& polled) const {
  for (const auto* from : {&current_, &next_}) {
    if (!*from) continue;
    polled.push_back({(*from)->process.news_fd(), POLLIN, 0});
    polled.push_back({(*from)->process.pidfd(), POLLIN, 0});
  }
}

void Preloader::adopt_next() {
  if (next_) current_ = std::exchange(next_, std::nullopt);
  for (Wish& wish : wishes_) wish.next = false;
}

void Preloader::drop_next() {
  next_.reset();
  const bool wanted =
      std::ranges::any_of(wishes_, [](const Wish& wish) { return wish.next; });
  if (wanted) start(true);
}

void Preloader::clear() {
  current_.reset();
  next_.reset();
}

std::vector<pid_t> Preloader::pids() const {
  std::vector<pid_t> pids;
  for (const auto* from : {&current_, &next_})
    if (*from) pids.push_back((*from)->process.pid());
  return pids;
}

}  // namespace launch
