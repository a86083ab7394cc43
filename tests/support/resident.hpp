#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "modes/engine/stack_pool.hpp"

/// How much memory a stack holds.
inline std::size_t resident_bytes(const launch::Stack& stack) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages(launch::StackPool::kSize / page);
  ::mincore(stack.get(), launch::StackPool::kSize, pages.data());
  const auto count =
      std::count_if(pages.begin(), pages.end(),
                    [](unsigned char flags) { return (flags & 1) != 0; });
  return static_cast<std::size_t>(count) * page;
}
