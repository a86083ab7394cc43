#pragma once

#include <sys/types.h>

#include <string>

namespace launch {

/// A small file for others to read: it is there as a whole or not at all, and
/// goes with its owner unless another process has put its own there meanwhile.
class OwnedFile {
 public:
  /// No file; an empty path means that none is wanted.
  OwnedFile() = default;
  explicit OwnedFile(std::string path);
  OwnedFile(OwnedFile&& other) noexcept;
  OwnedFile& operator=(OwnedFile&& other) noexcept;
  OwnedFile(const OwnedFile&) = delete;
  OwnedFile& operator=(const OwnedFile&) = delete;
  ~OwnedFile() { remove(); }

  bool wanted() const { return !path_.empty(); }
  const std::string& path() const { return path_; }

  /// Takes the place of whatever file has the path. Throws std::system_error.
  void write(const std::string& text);

  /// Removes what an earlier run left behind. Throws std::system_error.
  void clear() const;

  /// What write() made; nothing in a process that was forked since.
  void remove() noexcept;

 private:
  std::string path_;  ///< absolute
  dev_t device_ = 0;
  ino_t number_ = 0;
  pid_t maker_ = 0;  ///< 0: nothing was written
};

}  // namespace launch
