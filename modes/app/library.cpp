#include "modes/app/library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "modes/app/app.hpp"
#include "modes/app/elf_section.hpp"
#include "modes/app/record_check.hpp"
#include "modes/base/descriptor.hpp"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace launch {
namespace {

[[noreturn]] void fail_with_errno(const AppSpec& spec, std::string_view what,
                                  int error) {
  throw AppError(
      fmt::format("{}: {}: {}", spec.text, what, std::strerror(error)));
}

std::vector<std::byte> read_library(const AppSpec& spec) {
  // Non-blocking, so that a FIFO given by mistake does not hang the start.
  const Descriptor file(
      ::open(spec.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) fail_with_errno(spec, "cannot open the app", errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0)
    fail_with_errno(spec, "cannot read the app", errno);
  if (!S_ISREG(status.st_mode))
    throw AppError(fmt::format(
        "{}: is not a file: name the app's shared library", spec.text));

  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count =
        ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with_errno(spec, "cannot read the app", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

void check_library(const AppSpec& spec, std::span<const std::byte> bytes) {
  try {
    const ChosenRecord chosen = choose_record(
        read_app_records(bytes), spec.symbol, make_record("launch"));
    if (!chosen.record)
      throw AppError(fmt::format("{}: {}", spec.text, chosen.problem));
  } catch (const BadElf& error) {
    throw AppError(fmt::format("{}: {}", spec.text, error.what()));
  }
}

Descriptor create_memory_file(const AppSpec& spec) {
  const char* name = ::basename(spec.path.c_str());
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Descriptor memory(::memfd_create(name, kFlags | MFD_EXEC));
  // Linux before 6.3 does not know the flag, and needs none.
  if (!memory && errno == EINVAL) memory.reset(::memfd_create(name, kFlags));
  if (!memory) fail_with_errno(spec, "cannot copy the app", errno);
  return memory;
}

Descriptor copy_to_memory(const AppSpec& spec,
                          std::span<const std::byte> bytes) {
  Descriptor memory = create_memory_file(spec);
  while (!bytes.empty()) {
    const ssize_t count = ::write(memory.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with_errno(spec, "cannot copy the app", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  constexpr int kSeals =
      F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (::fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0)
    fail_with_errno(spec, "cannot seal the copy of the app", errno);
  return memory;
}

/// dlerror()'s text without the copy's path, which would tell nobody anything.
std::string load_error(std::string_view copy_path) {
  std::string text = ::dlerror();
  const std::string prefix = fmt::format("{}: ", copy_path);
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  if (text.find("cannot open shared object file") != std::string::npos)
    text +=
        " (libraries that the app needs are looked for in LD_LIBRARY_PATH, its "
        "absolute run path and the system's folders, not in $ORIGIN)";
  return text;
}

}  // namespace

AppEntry* open_app_library(const AppSpec& spec) {
  const std::vector<std::byte> bytes = read_library(spec);
  check_library(spec, bytes);
  Descriptor copy = copy_to_memory(spec, bytes);
  const std::string path = fmt::format("/proc/self/fd/{}", copy.get());
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw AppError(
        fmt::format("{}: cannot be loaded: {}", spec.text, load_error(path)));
  // dlopen() knows libraries by path: under a number that is used again it
  // would give the next app the code of this one.
  copy.release();
  void* entry = ::dlsym(library, spec.symbol.c_str());
  if (entry == nullptr)
    throw AppError(fmt::format(
        "{}: has a record, but does not export {}: keep it from being hidden "
        "when the library is linked or stripped",
        spec.text, spec.symbol));
  return reinterpret_cast<AppEntry*>(entry);
}

}  // namespace launch
