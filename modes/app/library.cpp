#include "modes/app/library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "modes/app/app.hpp"
#include "modes/app/elf_dynamic.hpp"
#include "modes/app/elf_section.hpp"
#include "modes/app/neighbours.hpp"
#include "modes/app/private_copy.hpp"
#include "modes/app/record_check.hpp"
#include "modes/base/descriptor.hpp"
#include "modes/log.hpp"

namespace launch {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_with_errno(const AppSpec& spec, std::string_view what,
                                  int error) {
  throw AppError(
      fmt::format("{}: {}: {}", spec.text, what, std::strerror(error)));
}

std::vector<std::byte> read_library(const AppSpec& spec,
                                    const std::string& path) {
  // Non-blocking, so that a FIFO given by mistake does not hang the start.
  const Descriptor file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
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

/// dlerror()'s text without the copy's path, which would tell nobody anything.
std::string load_error(std::string_view copy_path) {
  std::string text = ::dlerror();
  const std::string prefix = fmt::format("{}: ", copy_path);
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  return text;
}

/// Loads a library's bytes, read from `path`, and before it the neighbours that
/// it finds through $ORIGIN: the copy has no folder, but a library that is
/// needed by the name of one already loaded is that one.
class Loader {
 public:
  explicit Loader(const AppSpec& spec) : spec_(spec) {}

  void* load(const std::string& path, std::span<const std::byte> bytes) {
    const DynamicNames names = read_names(path, bytes);
    const auto neighbours = find_neighbours(names, origin_of(path));
    for (const Neighbour& neighbour : neighbours)
      if (!load_neighbour(neighbour)) {
        log_info(
            "{}: is loaded from its own file, not from a copy, since {} is "
            "found through $ORIGIN and has no soname of that name: do not "
            "overwrite it in place",
            path, neighbour.path.string());
        return open(path, path);
      }
    try {
      const std::string name = fs::path(path).filename();
      Descriptor copy = private_copy(name, bytes);
      void* const library =
          open(path, fmt::format("/proc/self/fd/{}", copy.get()));
      // dlopen() knows libraries by path: under a number that is used again it
      // would give the next app the code of this one.
      copy.release();
      return library;
    } catch (const std::system_error& error) {
      log_warning(
          "{}: is loaded from its own file, since no copy can be made ({}): do "
          "not overwrite it in place",
          path, error.what());
      return open(path, path);
    }
  }

 private:
  /// False for one that would not be found by its name once it is loaded.
  bool load_neighbour(const Neighbour& neighbour) {
    if (::dlopen(neighbour.name.c_str(), RTLD_LAZY | RTLD_NOLOAD) != nullptr)
      return true;
    // Those that need each other are only loaded as one, by the linker.
    if (!begun_.insert(neighbour.name).second) return false;
    const std::string path = neighbour.path;
    const std::vector<std::byte> bytes = read_library(spec_, path);
    if (read_names(path, bytes).soname != neighbour.name) return false;
    load(path, bytes);
    return true;
  }

  DynamicNames read_names(const std::string& path,
                          std::span<const std::byte> bytes) const {
    try {
      return read_dynamic_names(bytes);
    } catch (const BadElf& error) {
      throw AppError(fmt::format("{}: needs {}, which {}", spec_.text, path,
                                 error.what()));
    }
  }

  /// The folder of the file itself, whatever links lead to it.
  static fs::path origin_of(const std::string& path) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    return error ? fs::path(path).parent_path() : real.parent_path();
  }

  void* open(const std::string& path, const std::string& opened) const {
    // Without a '/', it would be looked for in the system's folders.
    const std::string named =
        opened.find('/') == std::string::npos ? "./" + opened : opened;
    void* const library = ::dlopen(named.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
      throw AppError(fmt::format("{}: cannot be loaded: {}",
                                 path == spec_.path ? spec_.text : path,
                                 load_error(named)));
    return library;
  }

  const AppSpec& spec_;
  std::set<std::string> begun_;
};

}  // namespace

AppEntry* open_app_library(const AppSpec& spec) {
  const std::vector<std::byte> bytes = read_library(spec, spec.path);
  check_library(spec, bytes);
  void* const library = Loader(spec).load(spec.path, bytes);
  void* entry = ::dlsym(library, spec.symbol.c_str());
  if (entry == nullptr)
    throw AppError(fmt::format(
        "{}: has a record, but does not export {}: keep it from being hidden "
        "when the library is linked or stripped",
        spec.text, spec.symbol));
  return reinterpret_cast<AppEntry*>(entry);
}

}  // namespace launch
