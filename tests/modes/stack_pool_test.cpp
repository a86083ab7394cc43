#include "modes/engine/stack_pool.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/resident.hpp"

using launch::Stack;
using launch::StackPool;

namespace {

bool is_mapped(std::byte* bottom) {
  unsigned char page = 0;
  return ::mincore(bottom, 1, &page) == 0 || errno != ENOMEM;
}

/// Lets this process map so many bytes more.
void limit_address_space(rlim_t more) {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes =
      pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more;
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_AS, &limit) != 0) throw std::bad_alloc();
}

}  // namespace

TEST_CASE("a stack holds only the memory that was touched", "[stack]") {
  StackPool pool;
  const Stack stack = pool.acquire();
  CHECK(resident_bytes(stack) == 0);
  stack.get()[StackPool::kSize - 1] = std::byte{1};
  CHECK(resident_bytes(stack) ==
        static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
  stack.get()[0] = std::byte{1};
  CHECK(resident_bytes(stack) ==
        2 * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
}

TEST_CASE("below a stack lies a guard", "[stack]") {
  StackPool pool;
  const Stack stack = pool.acquire();
  for (const std::size_t below : {std::size_t{1}, StackPool::kGuard}) {
    const ChildEnd end = run_in_child([&] {
      ::signal(SIGSEGV, SIG_DFL);
      *const_cast<volatile std::byte*>(stack.get() - below) = std::byte{1};
    });
    CHECK(end.signal == SIGSEGV);
  }
}

TEST_CASE("the stack that came back last is given out first", "[stack]") {
  StackPool pool;
  Stack first = pool.acquire();
  Stack second = pool.acquire();
  std::byte* const first_bottom = first.get();
  std::byte* const second_bottom = second.get();
  CHECK(first_bottom != second_bottom);
  second.reset();
  first.reset();
  first = pool.acquire();
  second = pool.acquire();
  CHECK(first.get() == first_bottom);
  CHECK(second.get() == second_bottom);
}

TEST_CASE("a pool keeps a bounded number of unused stacks", "[stack]") {
  std::byte* kept = nullptr;
  {
    StackPool pool(1);
    Stack first = pool.acquire();
    Stack second = pool.acquire();
    kept = first.get();
    std::byte* const surplus = second.get();
    first.reset();
    second.reset();
    CHECK(is_mapped(kept));
    CHECK_FALSE(is_mapped(surplus));
  }
  CHECK_FALSE(is_mapped(kept));
}

TEST_CASE("what a deep use touched is given back", "[stack]") {
  StackPool pool;
  Stack stack = pool.acquire();
  // Twice: the second use must be noticed like the first.
  for (int use = 0; use < 2; ++use) {
    std::memset(stack.get(), 1, StackPool::kSize);
    CHECK(resident_bytes(stack) == StackPool::kSize);
    stack.reset();
    stack = pool.acquire();
    CHECK(resident_bytes(stack) == StackPool::kKept);
  }
}

TEST_CASE("a single word just below what is kept is a deep use", "[stack]") {
  StackPool pool;
  Stack stack = pool.acquire();
  stack.get()[0] = std::byte{1};
  stack.get()[StackPool::kSize - StackPool::kKept - 1] = std::byte{1};
  stack.reset();
  stack = pool.acquire();
  CHECK(resident_bytes(stack) == 0);
}

TEST_CASE("a shallow use keeps its memory without a system call", "[stack]") {
  StackPool pool;
  Stack stack = pool.acquire();
  // A witness: any system call that gives memory back would take it along.
  stack.get()[0] = std::byte{1};
  std::byte* const kept = stack.get() + StackPool::kSize - StackPool::kKept;
  std::memset(kept, 1, StackPool::kKept);
  stack.reset();
  stack = pool.acquire();
  CHECK(std::all_of(kept, kept + StackPool::kKept,
                    [](std::byte byte) { return byte == std::byte{1}; }));
  CHECK(stack.get()[0] == std::byte{1});
}

TEST_CASE("without address space there is no stack, and then again one",
          "[stack]") {
  const ChildEnd end = run_in_child([] {
    StackPool pool;
    std::vector<Stack> stacks;
    stacks.reserve(16);
    // Room for three stacks of 9 MiB, not for sixteen.
    limit_address_space(32u << 20);
    bool refused = false;
    while (!refused && stacks.size() < 16) {
      try {
        stacks.push_back(pool.acquire());
      } catch (const std::bad_alloc&) {
        refused = true;
      }
    }
    if (!refused || stacks.empty()) ::_exit(1);
    stacks.pop_back();
    stacks.push_back(pool.acquire());
  });
  CHECK(end.exit_code == 0);
}
