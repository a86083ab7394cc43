#pragma once

#include <atomic>
#include <cstddef>

namespace launch {

/// Counts the requests that an engine has in progress, and says whether it
/// takes on another: those whose handler runs, whose answer the client has not
/// taken yet, or whose body is still coming. Bodies count against bodies only,
/// so that slow uploads, however many, keep nobody from being answered.
/// Used by all threads of the engine.
class InProgress {
 public:
  explicit InProgress(std::size_t most) : most_(most) {}

  void handler_begins() { add(handlers_, 1); }
  void handler_ends() { add(handlers_, -1); }
  void answer_waits() { add(answers_, 1); }
  void answer_taken() { add(answers_, -1); }
  void body_waits() { add(bodies_, 1); }
  void body_here() { add(bodies_, -1); }

  /// For a request that is here as a whole, by the thread that counts as its
  /// handler already, if handlers are counted.
  bool takes_request() { return note(running_beside() < most_); }
  /// For a request whose body is not here yet.
  bool takes_body() { return note(running_beside() + count(bodies_) < most_); }

  /// How many it refused since the last call.
  std::size_t take_refused() { return refused_.exchange(0); }

 private:
  using Count = std::atomic<std::ptrdiff_t>;

  static void add(Count& count, std::ptrdiff_t change) {
    count.fetch_add(change, std::memory_order_relaxed);
  }
  static std::size_t count(const Count& count) {
    const auto value = count.load(std::memory_order_relaxed);
    return value > 0 ? static_cast<std::size_t>(value) : 0;
  }
  std::size_t running_beside() const {
    const std::size_t handlers = count(handlers_);
    return (handlers > 0 ? handlers - 1 : 0) + count(answers_);
  }
  bool note(bool taken) {
    if (!taken) refused_.fetch_add(1, std::memory_order_relaxed);
    return taken;
  }

  std::size_t most_;
  Count handlers_{0};
  Count answers_{0};
  Count bodies_{0};
  std::atomic<std::size_t> refused_{0};
};

}  // namespace launch
