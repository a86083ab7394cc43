// libFuzzer's entry for fuzz::check_head().
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  fuzz::check_head({reinterpret_cast<const char*>(data), size});
  return 0;
}
