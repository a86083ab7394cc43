#pragma once

#include <cstddef>

#include "modes/base/sanitizer.hpp"

#ifdef LAUNCH_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef LAUNCH_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace launch {

/// Tells the sanitizers that one fiber's stack is switched to and from;
/// nothing in other builds. The address sanitizer is told on both sides of
/// each switch which stack is left and which was reached.
///
/// The thread sanitizer counts calls and returns per fiber, so it is told in
/// the very function that makes the switch: a function that only told it would
/// be entered on one side and left on the other.
class FiberAnnotations {
 public:
#ifdef LAUNCH_THREAD_SANITIZER
  FiberAnnotations() : fiber_(__tsan_create_fiber(0)) {}
  ~FiberAnnotations() { __tsan_destroy_fiber(fiber_); }
  FiberAnnotations(const FiberAnnotations&) = delete;
  FiberAnnotations& operator=(const FiberAnnotations&) = delete;
#endif

  // On the stack of who resumes.
  [[gnu::always_inline]] void before_resume([[maybe_unused]] const void* bottom,
                                            [[maybe_unused]] std::size_t size) {
#ifdef LAUNCH_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(&resumers_frames_, bottom, size);
#endif
#ifdef LAUNCH_THREAD_SANITIZER
    resumer_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber_, 0);
#endif
  }
  [[gnu::always_inline]] void after_resume() {
#ifdef LAUNCH_THREAD_SANITIZER
    __tsan_switch_to_fiber(resumer_, 0);
#endif
#ifdef LAUNCH_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(resumers_frames_, nullptr, nullptr);
#endif
  }

  // On the fiber's stack.
  void reached() {
#ifdef LAUNCH_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(own_frames_, &resumers_bottom_,
                                    &resumers_size_);
#endif
  }
  void before_suspend() {
#ifdef LAUNCH_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(&own_frames_, resumers_bottom_,
                                   resumers_size_);
#endif
  }
  void before_end() {
#ifdef LAUNCH_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(nullptr, resumers_bottom_, resumers_size_);
#endif
  }

 private:
#ifdef LAUNCH_ADDRESS_SANITIZER
  void* own_frames_ = nullptr;
  void* resumers_frames_ = nullptr;
  const void* resumers_bottom_ = nullptr;
  std::size_t resumers_size_ = 0;
#endif
#ifdef LAUNCH_THREAD_SANITIZER
  void* fiber_;
  void* resumer_ = nullptr;
#endif
};

}  // namespace launch
