#include "bench/during/losses.hpp"

#include <algorithm>

namespace launch::bench {

bool Losses::count(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unsent:
      return false;
    case ErrorKind::refused:
      ++refused;
      return true;
    case ErrorKind::closed:
    case ErrorKind::write:
      ++closed;
      return true;
    case ErrorKind::connect:
    case ErrorKind::timeout:
      ++timeout;
      return true;
    case ErrorKind::read:
      ++bad_answer;
      return true;
  }
  return false;
}

Losses& Losses::operator+=(const Losses& other) {
  refused += other.refused;
  closed += other.closed;
  timeout += other.timeout;
  bad_answer += other.bad_answer;
  return *this;
}

Account account(Allowed allowed, const Losses& lost, std::uint64_t held,
                std::uint64_t crossing) {
  std::uint64_t expected = std::min(lost.closed, crossing);
  switch (allowed) {
    case Allowed::none:
      break;
    case Allowed::refused_while_down:
      expected += lost.refused;
      break;
    case Allowed::held_by_dead_worker:
      // A stopped worker's requests end by its death, or by the time-out.
      expected = std::min(lost.closed + lost.timeout, held + crossing);
  }
  return {expected, lost.total() - expected};
}

}  // namespace launch::bench
