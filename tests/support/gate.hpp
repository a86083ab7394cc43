#pragma once

#include <condition_variable>
#include <mutex>

#include "tests/support/eventually.hpp"

/// Where handlers wait until a test lets them go on.
class Gate {
 public:
  /// Called by a handler: counts itself in and waits.
  void pass() {
    std::unique_lock lock{mutex_};
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }

  /// Whether `count` handlers have come, before kLongest is over.
  bool holds(int count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, kLongest, [&] { return inside_ >= count; });
  }
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool open_ = false;
};
