#include "bench/compare/bound.hpp"

namespace launch::bench {

Bound decide_bound(const LoadSides& sides) {
  const double generator =
      sides.generator_cpu_share + sides.generator_run_delay_share;
  const bool generator_full = generator >= kGeneratorLimit;
  const bool server_full =
      sides.server_cores_used >= kServerLimit * sides.server_cores;
  if (generator_full) return server_full ? Bound::both : Bound::generator;
  if (server_full) return Bound::server;
  const bool handlers_wait =
      generator < kGeneratorIdle && sides.connections >= sides.server_threads;
  return handlers_wait ? Bound::server : Bound::neither;
}

}  // namespace launch::bench
