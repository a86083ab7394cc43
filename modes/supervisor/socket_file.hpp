#pragma once

#include <sys/types.h>

#include <string>

namespace launch {

/// The file by which clients find a Unix socket. Removed with its owner, but
/// only by the process that made it, and only while it is the file that was
/// made: a successor that already took over the path keeps its own.
class SocketFile {
 public:
  SocketFile() = default;  ///< none

  /// Binds `socket` to `path`, with exactly the permissions `mode`. A socket
  /// file on which nobody listens is replaced. Throws std::runtime_error with
  /// the reason, as part of a sentence, when a process listens on it, when
  /// another kind of file has the name, or when the file cannot be made. The
  /// umask changes meanwhile: call it before other threads start.
  SocketFile(int socket, const std::string& path, mode_t mode);

  /// The file at `path`, which this process made before it executed the program
  /// that it runs now; none when there is no such file, or the path is empty.
  static SocketFile take_over(const std::string& path);

  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;
  ~SocketFile() { remove(); }

  /// Absolute, so that it holds when the working directory changes; empty for
  /// none.
  const std::string& path() const { return path_; }

  /// From now on there is none. Call it while the socket is open: until then
  /// no other file can have its number.
  void remove() noexcept;

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t number_ = 0;
  pid_t maker_ = 0;
};

}  // namespace launch
