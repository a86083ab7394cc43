#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace launch {

class StackPool;

struct ReturnToPool {
  StackPool* pool = nullptr;
  void operator()(std::byte* bottom) const;
};

/// The lowest byte of StackPool::kSize bytes; goes back when it is destroyed.
using Stack = std::unique_ptr<std::byte, ReturnToPool>;

/// Stacks for fibers, of one thread. Each reserves as much address space as
/// a thread's stack has, and holds only the memory that was touched: code that
/// was written for threads recurses as deeply here. Below it lies a guard, so
/// that an overflow is a SIGSEGV.
///
/// The kernel bounds how many there can be: each is two memory maps of
/// vm.max_map_count, and 9 MiB of RLIMIT_AS or, with vm.overcommit_memory=2,
/// of the commit limit.
class StackPool {
 public:
  static constexpr std::size_t kSize = 8u << 20;
  /// As large as the kernel's below a main thread's stack: a frame that
  /// touches only its far end must be larger than that to step over it.
  static constexpr std::size_t kGuard = 1u << 20;
  /// The most memory that an unused stack keeps. A request rarely needs more.
  static constexpr std::size_t kKept = 128u << 10;

  /// Keeps up to `max_free` unused stacks for re-use, so at most max_free *
  /// kKept bytes of memory, and unmaps the others.
  explicit StackPool(std::size_t max_free = 64);
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  /// Every stack must have come back.
  ~StackPool();

  /// The stack that came back last, or a new one. Its content is arbitrary.
  /// Throws std::bad_alloc when the kernel gives none; the pool stays usable.
  Stack acquire();

 private:
  friend ReturnToPool;
  void release(std::byte* bottom) noexcept;

  std::size_t max_free_;
  std::vector<std::byte*> free_;
};

}  // namespace launch
