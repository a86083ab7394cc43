#pragma once

#include <sys/types.h>

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "modes/base/descriptor.hpp"

namespace launch {

/// Where lines of several processes and threads end up whole: each is one
/// write(2), at the end of a file (O_APPEND), or of at most PIPE_BUF bytes
/// into a pipe, socket or terminal.
///
/// A line that cannot be written is lost, the first with a warning, and what
/// writes it goes on: the disk is full, the reader is gone, or it reads too
/// slowly. For a slow reader the first such line waits up to 100 ms, those
/// after it not at all until one was taken.
class AccessLogFile {
 public:
  /// "-" is standard output. Throws std::system_error, its what() naming the
  /// path.
  explicit AccessLogFile(const std::string& path);
  /// Warns of how many lines were lost.
  ~AccessLogFile();
  AccessLogFile(const AccessLogFile&) = delete;
  AccessLogFile& operator=(const AccessLogFile&) = delete;

  /// The bytes, with its '\n', that a line may have to stay whole.
  std::size_t longest_line() const { return longest_line_; }

  bool is_regular() const { return longest_line_ != PIPE_BUF; }

  /// From any thread. SIGPIPE must be ignored.
  void write(std::string_view line);

  /// Opens the path again, as after the file was moved away; lines that come
  /// meanwhile go to the old or the new file, and none is lost. What is no file
  /// stays as it is. With a warning, too, where it cannot be opened.
  void reopen();

  std::uint64_t lost() const { return lost_; }

  /// Makes a regular file that is ours that user's, so that a process which
  /// drops its rights can open it again.
  void give_to(uid_t user) const;

 private:
  bool put(std::string_view bytes);
  void lose(int error);

  std::string path_;
  Descriptor fd_;
  bool socket_ = false;
  std::size_t longest_line_ = 0;
  std::atomic<bool> failing_{false};  ///< the last line was lost
  std::atomic<bool> torn_{false};     ///< only a part of it was
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace launch
