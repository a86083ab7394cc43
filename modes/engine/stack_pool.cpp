#include "modes/engine/stack_pool.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>
#include <span>

namespace launch {
namespace {

/// A stack that was used more deeply than kKept left something in so many
/// bytes: each call leaves where it returns to, so only a larger hole in a
/// frame passes without a trace. Its memory then stays until a later use.
/// Asking the kernel (mincore) costs fifty times as much as looking.
constexpr std::size_t kWatermark = 1024;

void unmap(std::byte* bottom) {
  ::munmap(bottom - StackPool::kGuard, StackPool::kGuard + StackPool::kSize);
}

std::byte* map() {
  void* const mapped = ::mmap(
      nullptr, StackPool::kGuard + StackPool::kSize, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  std::byte* const bottom = static_cast<std::byte*>(mapped) + StackPool::kGuard;
  if (::mprotect(mapped, StackPool::kGuard, PROT_NONE) != 0) {
    unmap(bottom);
    throw std::bad_alloc();
  }
  // Else the first touch may take 2 MiB. A kernel without huge pages refuses.
  ::madvise(bottom, StackPool::kSize, MADV_NOHUGEPAGE);
  return bottom;
}

bool used_deeply(const std::byte* bottom) {
  const std::byte* const mark =
      bottom + StackPool::kSize - StackPool::kKept - kWatermark;
  std::uint64_t seen = 0;
  for (const std::uint64_t word :
       std::span{reinterpret_cast<const std::uint64_t*>(mark),
                 kWatermark / sizeof(std::uint64_t)})
    seen |= word;
  return seen != 0;
}

}  // namespace

void ReturnToPool::operator()(std::byte* bottom) const {
  pool->release(bottom);
}

StackPool::StackPool(std::size_t max_free) : max_free_(max_free) {
  free_.reserve(max_free);
}

StackPool::~StackPool() {
  for (std::byte* const bottom : free_) unmap(bottom);
}

Stack StackPool::acquire() {
  if (free_.empty()) return Stack(map(), {this});
  Stack stack(free_.back(), {this});
  free_.pop_back();
  return stack;
}

void StackPool::release(std::byte* bottom) noexcept {
  if (free_.size() == max_free_) {
    unmap(bottom);
    return;
  }
  // MADV_FREE would be cheaper but may leave the watermark as it is.
  if (used_deeply(bottom)) ::madvise(bottom, kSize - kKept, MADV_DONTNEED);
  free_.push_back(bottom);
}

}  // namespace launch
