#include "modes/engine/fiber.hpp"

#include <cxxabi.h>

#include <cstring>
#include <stdexcept>
#include <utility>

#include <boost/context/detail/fcontext.hpp>

namespace launch {
namespace {

// What boost::context::fiber is made of. The class itself visits a new stack
// and comes back when it is made, and leaves it through frames of its own,
// where the sanitizers cannot be told; and its destructor unwinds by force.
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

thread_local Fiber* current_fiber = nullptr;

/// Exchanges the running thread's state with `state`.
void swap_exceptions(ExceptionState& state) {
  void* const globals = abi::__cxa_get_globals();
  ExceptionState running;
  std::memcpy(running.data(), globals, sizeof running);
  std::memcpy(globals, state.data(), sizeof state);
  state = running;
}

}  // namespace

/// Where each fiber's stack begins.
struct FiberEntry {
  /// Never returns, so the address sanitizer must not mark a frame of it: the
  /// marks would be found by the stack's next fiber.
  [[gnu::no_sanitize_address]] static void enter(transfer_t from) noexcept {
    auto& fiber = *static_cast<Fiber*>(from.data);
    fiber.resumer_ = from.fctx;
    fiber.annotations_.reached();
    fiber.run();
    fiber.annotations_.before_end();
    jump_fcontext(fiber.resumer_, nullptr);
  }
};

Fiber::Fiber(StackPool& pool, Body body)
    : body_(std::move(body)),
      stack_(pool.acquire()),
      context_(make_fcontext(stack_.get() + StackPool::kSize, StackPool::kSize,
                             FiberEntry::enter)) {}

Fiber::~Fiber() {
  if (finished()) return;
  check_resumable();  // from another thread: the end of the program
  try {
    cancel();
  } catch (...) {
  }
}

void Fiber::resume() {
  check_resumable();
  state_ = State::running;
  switch_to_body();
  if (finished()) stack_.reset();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Fiber::cancel() {
  if (finished()) return;
  check_resumable();
  cancelled_ = true;
  if (state_ == State::suspended) {
    resume();
  } else {
    state_ = State::finished;
    stack_.reset();
  }
}

bool Fiber::suspend() {
  if (current_fiber == nullptr)
    throw std::logic_error("there is no fiber to suspend");
  if (!current_fiber->cancelled_) current_fiber->switch_to_resumer();
  return !current_fiber->cancelled_;
}

Fiber* Fiber::current() { return current_fiber; }

void Fiber::check_resumable() const {
  if (std::this_thread::get_id() != owner_)
    throw std::logic_error("a fiber was resumed by another thread");
  if (state_ == State::running)
    throw std::logic_error("a fiber was resumed while it runs");
  if (state_ == State::finished)
    throw std::logic_error("a fiber was resumed after its end");
}

void Fiber::switch_to_body() {
  Fiber* const outer = std::exchange(current_fiber, this);
  swap_exceptions(exceptions_);
  annotations_.before_resume(stack_.get(), StackPool::kSize);
  context_ = jump_fcontext(context_, this).fctx;
  annotations_.after_resume();
  swap_exceptions(exceptions_);
  current_fiber = outer;
}

void Fiber::switch_to_resumer() {
  state_ = State::suspended;
  annotations_.before_suspend();
  resumer_ = jump_fcontext(resumer_, nullptr).fctx;
  annotations_.reached();
}

void Fiber::run() {
  try {
    body_();
  } catch (...) {
    failure_ = std::current_exception();
  }
  state_ = State::finished;
}

}  // namespace launch
