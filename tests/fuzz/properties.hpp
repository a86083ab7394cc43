#pragma once

#include <stdexcept>
#include <string_view>

// What must hold whatever a client sends. The fuzz targets look for bytes that
// break it; the corpus is tried in every run of the unit tests.

namespace fuzz {

struct Violation : std::logic_error {
  using std::logic_error::logic_error;
};

/// Bytes as received: what MessageFramer accepts, the reference accepts with
/// the same end, and its answer does not depend on how they are cut. Throws
/// Violation.
void check_head(std::string_view bytes);

/// Bytes after a head that announces chunks: MessageFramer finds the end that
/// the reference finds. Throws Violation.
void check_chunked(std::string_view bytes);

}  // namespace fuzz
