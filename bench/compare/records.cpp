#include "bench/compare/records.hpp"

namespace launch::bench {

std::string_view to_string(Bound bound) {
  switch (bound) {
    case Bound::server:
      return "server";
    case Bound::generator:
      return "generator";
    case Bound::both:
      return "both";
    case Bound::neither:
      break;
  }
  return "neither";
}

std::string_view to_string(VerdictOutcome outcome) {
  switch (outcome) {
    case VerdictOutcome::better:
      return "better";
    case VerdictOutcome::no_clear_winner:
      return "no_clear_winner";
    case VerdictOutcome::invalid:
      break;
  }
  return "invalid";
}

std::string_view to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::start:
      return "start";
    case FailureKind::answer:
      return "answer";
    case FailureKind::death:
      return "death";
    case FailureKind::event:
      break;
  }
  return "event";
}

double Trial::server_cpu_us_per_request() const {
  return load.requests > 0
             ? server_cpu_s * 1e6 / static_cast<double>(load.requests)
             : 0;
}

double Trial::generator_cpu_share() const {
  return load.duration_s > 0 ? load.generator_cpu_s / load.duration_s : 0;
}

double Trial::generator_run_delay_share() const {
  return load.duration_s > 0 ? load.generator_run_delay_s / load.duration_s : 0;
}

}  // namespace launch::bench
