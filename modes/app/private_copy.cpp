#include "modes/app/private_copy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace launch {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Descriptor create_memory_file(const std::string& name) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Descriptor memory(::memfd_create(name.c_str(), kFlags | MFD_EXEC));
  // Linux before 6.3 does not know the flag, and needs none.
  if (!memory && errno == EINVAL)
    memory.reset(::memfd_create(name.c_str(), kFlags));
  if (!memory) fail("memfd_create");
  return memory;
}

/// Some systems give memory files that they do not let run.
void check_executable(const Descriptor& memory) {
  void* const page =
      ::mmap(nullptr, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, memory.get(), 0);
  if (page == MAP_FAILED) fail("mapping a memory file as code");
  ::munmap(page, 1);
}

}  // namespace

Descriptor private_copy(const std::string& name,
                        std::span<const std::byte> bytes) {
  Descriptor memory = create_memory_file(name);
  while (!bytes.empty()) {
    const ssize_t count = ::write(memory.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("writing a memory file");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  constexpr int kSeals =
      F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (::fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0)
    fail("sealing a memory file");
  check_executable(memory);
  return memory;
}

}  // namespace launch
