#include "modes/control/collect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <fstream>
#include <sstream>
#include <string>

namespace launch {
namespace {

constexpr bool same_bounds() {
  for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) {
    const double us = kLatencyBoundsInSeconds[i] * 1e6;
    if (us + 0.5 < static_cast<double>(kLatencyBounds[i]) ||
        us - 0.5 > static_cast<double>(kLatencyBounds[i]))
      return false;
  }
  return kLatencyBounds.size() == kLatencyBoundsInSeconds.size();
}
static_assert(same_bounds(), "what is counted is what is shown");

void add_latency(const Latency& counted, LatencyBuckets& latency) {
  for (std::size_t i = 0; i < latency.counts.size(); ++i)
    latency.counts[i] += counted.cells[i].load();
  latency.sum_s += static_cast<double>(counted.sum_us.load()) / 1e6;
}

/// Both seats and totals count these.
template <typename Counts>
void add_counts(const Counts& counts, WorkerStatus& worker,
                LatencyBuckets& latency) {
  worker.requests += counts.requests.load();
  worker.accepted += counts.accepted.load();
  worker.bytes_sent += counts.bytes_sent.load();
  add_latency(counts.latency, latency);
}

std::optional<std::uint64_t> listen_overflows() {
  std::ifstream file{"/proc/net/netstat"};
  std::stringstream text;
  text << file.rdbuf();
  return parse_listen_overflows(text.str());
}

}  // namespace

void add_seat(const Seat& seat, WorkerStatus& worker, LatencyBuckets& latency) {
  add_counts(seat, worker, latency);
  worker.connections += seat.connections.load();
  worker.busy_threads += seat.busy_threads();
  worker.in_progress += seat.busy_threads();
  if (worker.request.empty()) worker.request = seat.longest_request();
}

void add_totals(const SlotTotals& totals, WorkerStatus& worker,
                LatencyBuckets& latency) {
  add_counts(totals, worker, latency);
  for (std::size_t i = 0; i < kRestartCauses.size(); ++i)
    worker.restarts[static_cast<RestartCause>(i)] += totals.restarts[i].load();
}

std::vector<ListenerStatus> listener_statuses(
    const std::vector<Bound>& listeners) {
  std::vector<ListenerStatus> statuses;
  for (const Bound& bound : listeners) {
    ListenerStatus status{.address = bound.url};
    tcp_info info{};
    socklen_t size = sizeof info;
    // Of a listener the two fields have a meaning of their own: tcp(7).
    if (bound.port != 0 && ::getsockopt(bound.fd.get(), IPPROTO_TCP, TCP_INFO,
                                        &info, &size) == 0) {
      status.queued = info.tcpi_unacked;
      status.queue_limit = info.tcpi_sacked;
    }
    statuses.push_back(std::move(status));
  }
  return statuses;
}

std::optional<std::uint64_t> parse_listen_overflows(std::string_view text) {
  std::istringstream lines{std::string{text}};
  std::string names;
  std::string values;
  while (std::getline(lines, names) && std::getline(lines, values)) {
    if (!names.starts_with("TcpExt:")) continue;
    std::istringstream name_words{names};
    std::istringstream value_words{values};
    std::string name;
    std::string value;
    while (name_words >> name && value_words >> value)
      if (name == "ListenOverflows") return std::stoull(value);
  }
  return std::nullopt;
}

OverflowCount::OverflowCount() : before_(listen_overflows()) {}

std::optional<std::uint64_t> OverflowCount::now() const {
  const auto now = listen_overflows();
  if (!now || !before_) return std::nullopt;
  return *now - *before_;
}

}  // namespace launch
