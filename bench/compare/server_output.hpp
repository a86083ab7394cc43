#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "modes/base/descriptor.hpp"

namespace launch::bench {

/// Collects what a server prints, in memory, so that it neither blocks nor
/// mixes with our own output.
class ServerOutput {
 public:
  static constexpr std::size_t kKept = 64 * 1024;  ///< bytes

  /// Throws std::system_error when there is no memory or descriptor.
  ServerOutput();

  /// The server's standard output and error.
  int fd() const { return fd_.get(); }

  /// The last kKept bytes.
  std::string tail() const;

  /// Forgets all but the tail. What is written at the same moment may be lost.
  void trim();

 private:
  Descriptor fd_;
};

/// The line of a server's output that says most about its failure: the last one
/// that speaks of an error, or else the last one; without a log level before
/// it, at most 300 bytes. Empty when there is none.
std::string telling_line(std::string_view output);

}  // namespace launch::bench
