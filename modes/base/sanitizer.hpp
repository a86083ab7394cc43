#pragma once

// LAUNCH_ADDRESS_SANITIZER or LAUNCH_THREAD_SANITIZER, where this is compiled
// for one: g++ and clang say it differently.

#if defined(__SANITIZE_ADDRESS__)
#define LAUNCH_ADDRESS_SANITIZER
#elif defined(__SANITIZE_THREAD__)
#define LAUNCH_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LAUNCH_ADDRESS_SANITIZER
#elif __has_feature(thread_sanitizer)
#define LAUNCH_THREAD_SANITIZER
#endif
#endif
