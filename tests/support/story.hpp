#pragma once

#include <csignal>
#include <string>

#include <fmt/core.h>

#include "modes/supervisor/policy.hpp"
#include "tests/support/catch.hpp"

// Stories of a fleet of workers, for the tests of its policy.

namespace story {

using namespace launch;
using namespace std::chrono_literals;

inline constexpr ExitStatus kCrash{0, SIGSEGV};
inline constexpr ExitStatus kClean{0, 0};
inline constexpr ExitStatus kAppFailed{3, 0};

inline std::string text(const Spawn& a) {
  return a.id == a.seat ? fmt::format("spawn:{}", a.id)
                        : fmt::format("spawn:{}@{}", a.id, a.seat);
}
inline std::string text(const Dump& a) {
  return fmt::format("dump:{}", a.seat);
}
inline std::string text(const Kill& a) {
  return fmt::format("{}:{}",
                     a.signal == SIGTERM   ? "term"
                     : a.signal == SIGQUIT ? "quit"
                                           : "kill",
                     a.seat);
}
inline std::string text(const Died& a) {
  return fmt::format("died:{}={}+{}", a.id, to_string(a.cause),
                     a.delay.count());
}
inline std::string text(const Replaced& a) {
  return fmt::format("replaced:{}={}", a.id, to_string(a.cause));
}
inline std::string text(const Stays& a) {
  return fmt::format("stays:{}+{}", a.id, a.delay.count());
}
inline std::string text(const Announce&) { return "announce"; }
inline std::string text(const Reloaded& a) {
  return a.error.empty() ? "reloaded" : "failed(" + a.error + ')';
}
inline std::string text(const Unready&) { return "unready"; }
inline std::string text(const StopListening&) { return "deaf"; }
inline std::string text(const Finish& a) {
  switch (a.result.outcome) {
    case Outcome::stopped:
      return "finish:stopped";
    case Outcome::failed:
      return "finish:failed";
    case Outcome::app_failed:
      return "finish:app_failed";
    case Outcome::crash_loop:
      return "finish:crash_loop";
  }
  return "finish:?";
}

inline RestartRules no_jitter() {
  RestartRules rules;
  rules.backoff.jitter = 0;
  rules.starts_at_once = 100;
  return rules;
}

/// Plays a story on a hand-moved clock. Actions come back as one readable
/// line, so that a failure prints what happened.
struct Story {
  explicit Story(int workers, const RestartRules& rules = no_jitter())
      : policy(workers, rules) {}

  SupervisorPolicy policy;
  Clock::time_point now{1h};

  std::string tell(const Event& event, milliseconds later = 0ms) {
    now += later;
    std::string told;
    for (const Action& action : policy.on(event, now)) {
      if (!told.empty()) told += ' ';
      told += std::visit([](const auto& a) { return text(a); }, action);
    }
    return told;
  }

  milliseconds until_deadline() const {
    return std::chrono::duration_cast<milliseconds>(policy.deadline() - now);
  }
  bool waits_for_nothing() const {
    return policy.deadline() == Clock::time_point::max();
  }
};

inline Story ready_workers(int workers,
                           const RestartRules& rules = no_jitter()) {
  Story story(workers, rules);
  story.tell(Tick{});
  for (int id = 1; id < workers; ++id) REQUIRE(story.tell(Ready{id}) == "");
  REQUIRE(story.tell(Ready{workers}) == "announce");
  return story;
}

}  // namespace story
