#include "bench/reference/server_trial.hpp"

#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/core.h>

#include "bench/load/load.hpp"
#include "bench/load/request.hpp"
#include "bench/reference/exchange.hpp"
#include "modes/base/process_stats.hpp"

namespace launch::bench {
namespace {

/// Many connections take a while to be made, and a full accept queue costs
/// those it turns away a second.
milliseconds warm_up(int connections) {
  return milliseconds(250) + milliseconds(connections / 5);
}

RequestKind kind_of(const LimitWorkload& workload) {
  RequestKind kind;
  kind.target = workload.path;
  kind.headers = workload.headers;
  return kind;
}

LoadPlan plan_for(const LimitWorkload& workload, std::uint16_t port,
                  milliseconds duration) {
  LoadPlan plan;
  plan.port = port;
  plan.mix = {kind_of(workload)};
  plan.connections = workload.connections;
  plan.warmup = warm_up(workload.connections);
  plan.duration = duration;
  // Waking a sleeping generator is an interrupt to another core, which on a
  // virtual machine costs the server a microsecond. A slower server would pay
  // for more of them. On shared cores, polling would take the server's time.
  plan.polls = !workload.shares_cores;
  return plan;
}

/// What is compared must answer the same. It also loads what a first request
/// loads.
void check_answer(std::uint16_t port, const LimitWorkload& workload,
                  const std::string& request) {
  const Descriptor socket = connect_to(port);
  send_request(socket, request);
  const std::size_t size = receive_answer(socket);
  const int expected = workload.body_bytes.value_or(13);
  if (workload.has_reference && size != static_cast<std::size_t>(expected))
    throw std::runtime_error(fmt::format(
        "the answer to {} has {} bytes of body, where --body-bytes says {}",
        workload.path, size, expected));
}

ServerTrial measure(const MeasuredServer& server, const LimitWorkload& workload,
                    milliseconds duration) {
  const std::string request = request_of(workload, server.port());
  check_answer(server.port(), workload, request);

  ServerTrial trial;
  const double pss_before = workload.idle > 0 ? server.pss_bytes() : 0;
  const IdleConnections idle(server.port(), request, workload.idle);
  if (workload.idle > 0)
    trial.idle_bytes = (server.pss_bytes() - pss_before) / workload.idle;

  double begin = 0;
  double end = 0;
  const LoadResult load = run_load(
      plan_for(workload, server.port(), duration),
      {[&] { begin = server.cpu_s(); }, [&] { end = server.cpu_s(); }});
  if (load.requests == 0 || load.errors.total() > 0)
    throw std::runtime_error(fmt::format("{} good answers and {} errors: {}",
                                         load.requests, load.errors.total(),
                                         load.first_error));
  idle.check_open();
  trial.cpu_us = (end - begin) * 1e6 / static_cast<double>(load.requests);
  trial.requests_per_second = load.requests_per_second();
  trial.generator_share = load.generator_cpu_s / load.duration_s;
  return trial;
}

}  // namespace

std::string request_of(const LimitWorkload& workload, std::uint16_t port) {
  return render_request(kind_of(workload), "127.0.0.1", port).bytes;
}

ServerTrial measure_server(const Argv& command, const LimitWorkload& workload,
                           milliseconds duration, const Cores& cores) {
  const MeasuredServer server(
      command, workload.shares_cores ? cores.shared() : cores.divided());
  try {
    return measure(server, workload, duration);
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("{}: {}", command.front(), error.what()));
  }
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace launch::bench
