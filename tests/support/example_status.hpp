#pragma once

#include "modes/control/status.hpp"

/// Two workers, of which the first was killed once and the second has no
/// process, and seven requests. For tests that show it.
inline launch::ServiceStatus example_status() {
  launch::ServiceStatus status{.version = "0.1.0",
                               .mode = "prefork",
                               .pid = 40,
                               .state = "ready",
                               .ready = true,
                               .live = true,
                               .uptime_s = 90.5,
                               .workers_wanted = 2,
                               .generation = 1};
  launch::WorkerStatus first{.id = 1,
                             .pid = 41,
                             .state = "ready",
                             .uptime_s = 3725,
                             .generation = 1,
                             .threads = 4,
                             .busy_threads = 1,
                             .requests = 6,
                             .accepted = 3,
                             .bytes_sent = 1200,
                             .connections = 2,
                             .in_progress = 1,
                             .pss_bytes = 5u << 20,
                             .request = "GET /slow"};
  first.restarts[launch::RestartCause::signal] = 1;
  status.workers = {first, {.id = 2, .threads = 4, .requests = 2}};
  status.listeners = {{"http://127.0.0.1:8000", 3, 2048}};
  status.latency.counts[0] = 4;
  status.latency.counts[3] = 2;
  status.latency.counts.back() = 1;
  status.latency.sum_s = 12.5;
  status.listen_overflows = 0;
  status.last_reload = {false, "Worker 1: no \"main\""};
  return status;
}
