#include "modes/process/owned_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "modes/base/descriptor.hpp"

namespace launch {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(),
                          fmt::format("{} cannot be {}", path, what));
}

}  // namespace

// Absolute, since the app may change the working directory.
OwnedFile::OwnedFile(std::string path)
    : path_(path.empty() ? std::move(path)
                         : std::filesystem::absolute(path).string()) {}

OwnedFile::OwnedFile(OwnedFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      device_(other.device_),
      number_(other.number_),
      maker_(std::exchange(other.maker_, 0)) {}

OwnedFile& OwnedFile::operator=(OwnedFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  device_ = other.device_;
  number_ = other.number_;
  maker_ = std::exchange(other.maker_, 0);
  return *this;
}

void OwnedFile::write(const std::string& text) {
  // In the same folder, so that it can be renamed.
  const std::string draft = fmt::format("{}.{}.tmp", path_, ::getpid());
  const Descriptor file{
      ::open(draft.c_str(),
             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)};
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) fail("written", path_);
  if (::write(file.get(), text.data(), text.size()) !=
          static_cast<ssize_t>(text.size()) ||
      ::rename(draft.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    ::unlink(draft.c_str());
    errno = error;
    fail("written", path_);
  }
  device_ = status.st_dev;
  number_ = status.st_ino;
  maker_ = ::getpid();
}

void OwnedFile::clear() const {
  if (wanted() && ::unlink(path_.c_str()) != 0 && errno != ENOENT)
    fail("removed", path_);
}

void OwnedFile::remove() noexcept {
  if (std::exchange(maker_, 0) != ::getpid()) return;
  struct stat status {};
  const bool is_ours = ::lstat(path_.c_str(), &status) == 0 &&
                       status.st_dev == device_ && status.st_ino == number_;
  if (is_ours) ::unlink(path_.c_str());
}

}  // namespace launch
