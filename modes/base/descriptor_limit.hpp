#pragma once

#include <cstdint>

namespace launch {

/// How many descriptors this process may have open (RLIMIT_NOFILE, soft).
struct DescriptorLimit {
  std::uint64_t before = 0;
  std::uint64_t now = 0;
};

/// Raises the limit to the hard one, which children inherit. What cannot be
/// raised stays as it is.
DescriptorLimit raise_descriptor_limit();

}  // namespace launch
