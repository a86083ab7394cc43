#pragma once

// A sanitizer keeps threads and memory of its own in every process.

#include "modes/base/sanitizer.hpp"

#ifdef LAUNCH_THREAD_SANITIZER
inline constexpr bool kThreadSanitized = true;
#else
inline constexpr bool kThreadSanitized = false;
#endif

#ifdef LAUNCH_ADDRESS_SANITIZER
inline constexpr bool kAddressSanitized = true;
#else
inline constexpr bool kAddressSanitized = false;
#endif
