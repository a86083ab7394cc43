#pragma once

#include <array>
#include <exception>
#include <functional>
#include <thread>

#include "modes/engine/fiber_annotations.hpp"
#include "modes/engine/stack_pool.hpp"

namespace launch {

/// What the C++ runtime knows of a thread's exceptions: those being handled,
/// and how many are on their way. The content of __cxa_eh_globals (Itanium C++
/// ABI: Exception Handling, 2.2.2), a pointer and an unsigned int.
using ExceptionState = std::array<void*, 2>;

/// A function that can stop in the middle and be continued later, on a stack
/// of its own. It runs only while someone is in resume() or cancel().
///
/// - It belongs to the thread that made it; resumed by another one, or while
///   it runs, or after its end, it throws std::logic_error. So addresses of
///   thread-local data that its body holds stay valid, and errno may change
///   in suspend() as in any other call.
/// - Each fiber has its own exceptions: suspended in a catch block or in a
///   destructor during unwinding, it finds them again, and nobody else does.
/// - A lock that the body holds in suspend(), that of a static variable's
///   initialisation too, can block the thread that would have to resume it.
/// - A fiber may resume another one.
class Fiber {
 public:
  using Body = std::function<void()>;

  /// The body has not yet begun. Throws std::bad_alloc without a stack.
  Fiber(StackPool& pool, Body body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  /// Cancels what is suspended and drops the exception that this may end in.
  /// The body then still uses what it refers to: an owner that must know when
  /// calls cancel() before.
  ~Fiber();

  /// Runs the body until it suspends or ends. What it throws is rethrown
  /// here, and it has then ended. At its end the stack goes back to the pool.
  void resume();

  /// Ends the body: suspend() gives false now and from now on, without
  /// waiting, and what waited with it reports that its input or output failed.
  /// Stacks are never unwound by force: the exception for that would end in
  /// the first `catch (...)` that does not rethrow, as cpp-httplib has around
  /// handlers. So a body that goes on in spite of failures keeps its thread.
  /// A body that has not begun never does. Otherwise as resume(), and nothing
  /// when it has ended.
  void cancel();

  bool finished() const { return state_ == State::finished; }
  bool cancelled() const { return cancelled_; }

  /// The fiber whose body calls this; nullptr outside.
  static Fiber* current();

  /// Goes back to who resumed the current fiber. True once it is resumed,
  /// false when it was cancelled. Throws std::logic_error outside of a fiber.
  static bool suspend();

 private:
  enum class State { ready, running, suspended, finished };
  friend struct FiberEntry;

  void check_resumable() const;
  void switch_to_body();
  void switch_to_resumer();
  void run();

  std::thread::id owner_ = std::this_thread::get_id();
  State state_ = State::ready;
  bool cancelled_ = false;
  Body body_;
  std::exception_ptr failure_;
  Stack stack_;
  void* context_;                ///< of the body, while it does not run
  void* resumer_ = nullptr;      ///< the context to go back to, while it does
  ExceptionState exceptions_{};  ///< of whichever of the two does not run
  FiberAnnotations annotations_;
};

}  // namespace launch
