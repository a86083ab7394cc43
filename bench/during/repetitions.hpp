#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/during/completion.hpp"
#include "bench/during/during_records.hpp"
#include "bench/during/stage.hpp"

namespace launch::bench {

/// Repeats the plan's event with one server. Signals go out from here, and
/// nothing is done to any other process.
class Repetitions {
 public:
  /// `server` is replaced where the event does so. All must outlive this.
  Repetitions(const Stage& stage, const DuringPlan& plan,
              const Contender& contender, std::unique_ptr<Target>& server,
              const std::atomic<bool>& cancelled)
      : stage_(stage),
        plan_(plan),
        contender_(contender),
        server_(server),
        cancelled_(cancelled) {}

  /// Does it for the `turn`th time (from 0) and waits until it is over and the
  /// pause behind it is past. Nothing when it went well; else what is wrong.
  std::optional<Failure> repeat(int turn);

  /// Waits; until then, or until the server's death, which is returned, or
  /// until cancelled.
  std::optional<Failure> wait_until(Clock::time_point end);

  /// Connections that killed and stopped workers held.
  std::uint64_t held() const { return held_; }
  /// As DuringTrial::took_us.
  const std::vector<double>& took_us() const { return took_us_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::optional<Failure> act(int turn, Beginning& beginning);
  std::optional<Failure> strike(int turn, Beginning& beginning);
  std::optional<Failure> restart();
  std::optional<Failure> await_own(const Beginning& beginning);
  std::optional<Failure> await_foreign(const Beginning& beginning,
                                       Clock::time_point begin);
  /// Waits until `done`, up to `end`; whether it came true.
  bool wait_for(const std::function<bool()>& done, Clock::time_point end);
  std::vector<WorkerCounts> workers();
  Failure failure(FailureKind kind, std::string reason) const;

  const Stage& stage_;
  const DuringPlan& plan_;
  const Contender& contender_;
  std::unique_ptr<Target>& server_;
  const std::atomic<bool>& cancelled_;
  std::uint64_t held_ = 0;
  std::vector<double> took_us_;
  std::vector<std::string> notes_;
};

}  // namespace launch::bench
