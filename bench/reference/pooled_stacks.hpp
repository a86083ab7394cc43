#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <vector>

#include <boost/context/stack_context.hpp>

namespace launch::bench {

/// Stacks of fibers, kept for the next one: 8 MiB of addresses each, as the
/// engine's and a thread's, above a guard. Memory is what was touched.
class StackPool {
 public:
  StackPool() = default;
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool() {
    for (char* const bottom : free_) ::munmap(bottom - kGuard, kGuard + kSize);
  }

  /// Throws std::bad_alloc when there is none.
  boost::context::stack_context acquire() {
    if (free_.empty()) free_.push_back(map());
    boost::context::stack_context stack;
    stack.size = kSize;
    stack.sp = free_.back() + kSize;
    free_.pop_back();
    return stack;
  }

  void release(const boost::context::stack_context& stack) noexcept {
    free_.push_back(static_cast<char*>(stack.sp) - stack.size);
  }

 private:
  static constexpr std::size_t kSize = 8 << 20;
  static constexpr std::size_t kGuard = 64 * 1024;

  static char* map() {
    void* const mapped =
        ::mmap(nullptr, kGuard + kSize, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    char* const bottom = static_cast<char*>(mapped) + kGuard;
    ::mprotect(mapped, kGuard, PROT_NONE);
    // Else the first touch may take 2 MiB. A kernel without huge pages refuses.
    ::madvise(bottom, kSize, MADV_NOHUGEPAGE);
    return bottom;
  }

  std::vector<char*> free_;
};

/// Such a pool as Boost takes it, by value.
class PooledStacks {
 public:
  explicit PooledStacks(StackPool& pool) : pool_(&pool) {}

  boost::context::stack_context allocate() { return pool_->acquire(); }
  void deallocate(boost::context::stack_context& stack) noexcept {
    pool_->release(stack);
  }

 private:
  StackPool* pool_;
};

}  // namespace launch::bench
