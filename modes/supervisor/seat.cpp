#include "modes/supervisor/seat.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace launch {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

std::uint64_t coarse_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  const auto ms = static_cast<std::uint64_t>(now.tv_sec) * 1000 +
                  static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
  return std::max<std::uint64_t>(ms, 1);
}

void Latency::record(nanoseconds each, std::uint64_t requests) {
  const auto us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<microseconds>(each).count());
  std::size_t cell = 0;
  while (cell < kLatencyBounds.size() && us > kLatencyBounds[cell]) ++cell;
  cells[cell].fetch_add(requests, kRelaxed);
  sum_us.fetch_add(us * requests, kRelaxed);
}

void Latency::add(const Latency& other) {
  for (std::size_t i = 0; i < cells.size(); ++i)
    cells[i].fetch_add(other.cells[i].load(kRelaxed), kRelaxed);
  sum_us.fetch_add(other.sum_us.load(kRelaxed), kRelaxed);
}

void RunningRequest::begin(std::string_view method, std::string_view target) {
  std::array<char, kWords * sizeof(std::uint64_t)> text;
  const auto size = std::min(method.size(), text.size() - 1);
  std::memcpy(text.data(), method.data(), size);
  text[size] = ' ';
  const auto rest = std::min(target.size(), text.size() - size - 1);
  std::memcpy(text.data() + size + 1, target.data(), rest);
  const std::size_t length = size + 1 + rest;
  for (std::size_t i = 0; i * sizeof(std::uint64_t) < length; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i * sizeof word, sizeof word);
    words_[i].store(word, kRelaxed);
  }
  length_.store(length, kRelaxed);
  since_.store(coarse_ms(), kRelaxed);
}

std::string RunningRequest::text() const {
  std::array<std::uint64_t, kWords> words;
  for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(kRelaxed);
  std::string text(sizeof words, '\0');
  std::memcpy(text.data(), words.data(), sizeof words);
  text.resize(std::min<std::uint64_t>(length_.load(kRelaxed), text.size()));
  return text;
}

int Seat::busy_threads() const {
  if (threads.load(kRelaxed) == 1) return running[0].since() != 0 ? 1 : 0;
  return std::max(busy.load(kRelaxed), 0);
}

std::string Seat::longest_request() const {
  const RunningRequest* longest = nullptr;
  for (const RunningRequest& request : running)
    if (request.since() != 0 &&
        (longest == nullptr || request.since() < longest->since()))
      longest = &request;
  return longest == nullptr ? "" : longest->text();
}

}  // namespace launch
