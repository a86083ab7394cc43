#pragma once

#include <cstdint>

#include "bench/during/event.hpp"
#include "bench/load/observer.hpp"

namespace launch::bench {

/// Requests without a good answer, by cause. An attempt to connect is a
/// request.
struct Losses {
  std::uint64_t refused = 0;  ///< nobody listened
  std::uint64_t closed = 0;   ///< closed or reset in the middle of a request
  std::uint64_t timeout = 0;  ///< no complete answer, or no connection, in time
  std::uint64_t bad_answer = 0;  ///< neither 2xx nor 3xx, or no HTTP

  std::uint64_t total() const {
    return refused + closed + timeout + bad_answer;
  }
  /// Counts one failure; false where none was lost, since it never was sent.
  bool count(ErrorKind kind);
  Losses& operator+=(const Losses& other);
};

/// What was lost, divided by whether the event may lose it.
struct Account {
  std::uint64_t expected = 0;
  std::uint64_t unexpected = 0;
};

/// `held`: connections that killed or stopped workers held. `crossing`:
/// requests that may be lost to the close of a silent connection.
Account account(Allowed allowed, const Losses& lost, std::uint64_t held,
                std::uint64_t crossing);

}  // namespace launch::bench
