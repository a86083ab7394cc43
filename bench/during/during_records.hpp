#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/compare/records.hpp"
#include "bench/during/event.hpp"
#include "bench/during/load_kind.hpp"
#include "bench/during/timeline.hpp"

namespace launch::bench {

/// What was asked for, all of it in the JSON's `config`.
struct DuringPlan {
  std::string app;  ///< as the user named it
  Event event;
  int times = 1;
  /// From the end of a repetition to the next, where the end is known: with our
  /// own server, and of a restart.
  milliseconds own_spacing{0};
  /// Else, from its beginning to the next.
  milliseconds foreign_spacing{1000};
  std::vector<Contender> contenders;
  std::vector<LoadKind> loads;
  RequestKind request;
  int connections = 64;
  milliseconds timeout{10'000};
  milliseconds warmup{250};               ///< load without recording
  milliseconds around{1000};              ///< length of before and of after
  milliseconds repetition_limit{30'000};  ///< for one to be over
  milliseconds start_limit{30'000};       ///< start -> ready
  std::uint64_t seed = 1;
};

/// One contender under one kind of load while the event was repeated.
struct DuringTrial {
  std::string contender;
  std::string load;
  int times = 0;  ///< repetitions that were finished
  std::array<PhaseRecord, kPhases> phases;
  /// How long each of them took until it was over, in microseconds; empty of
  /// servers that cannot be followed.
  std::vector<double> took_us;
  std::uint64_t held = 0;  ///< connections of killed or stopped workers
  Account losses;
  std::vector<std::string> notes;  ///< one sentence each
  std::string first_error;         ///< in words, or empty

  std::uint64_t answered() const;
  std::uint64_t unsent() const;
  Losses lost() const;
};

/// Everything that was found; text and JSON are made from it.
struct DuringReport {
  DuringPlan plan;
  Machine machine;
  std::vector<DuringTrial> trials;
  std::vector<Failure> failures;
  bool interrupted = false;

  /// Whether anything was lost that the event must not lose.
  bool lost_what_must_not_be_lost() const;
};

}  // namespace launch::bench
