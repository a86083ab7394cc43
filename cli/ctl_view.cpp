#include "cli/ctl_view.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "cli/help.hpp"
#include "cli/table.hpp"

namespace launch::cli {
namespace {

constexpr std::size_t kLongestRequest = 60;
constexpr std::string_view kUnknown = "-";

/// What a client sent must not reach a terminal as a control sequence.
std::string shown(std::string_view text,
                  std::size_t longest = std::string_view::npos) {
  std::string safe;
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      safe += fmt::format("\\x{:02x}", byte);
    else
      safe += c;
  }
  return safe;
}

std::string age(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  if (whole < 86'400)
    return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
  return fmt::format("{}d {:02}h", whole / 86'400, whole / 3600 % 24);
}

std::string size(const std::optional<std::uint64_t>& bytes) {
  if (!bytes) return std::string(kUnknown);
  return fmt::format("{:.1f} MB", static_cast<double>(*bytes) / 1e6);
}

std::string time(double seconds) {
  return seconds < 1 ? fmt::format("{:g} ms", seconds * 1000)
                     : fmt::format("{:g} s", seconds);
}

/// The bound of the bucket in which that part of the requests has ended.
std::string quantile(const LatencyBuckets& latency, double fraction) {
  const double wanted = fraction * static_cast<double>(latency.count());
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < kLatencyBoundsInSeconds.size(); ++i) {
    so_far += latency.counts[i];
    if (static_cast<double>(so_far) >= wanted)
      return "<= " + time(kLatencyBoundsInSeconds[i]);
  }
  return "> " + time(kLatencyBoundsInSeconds.back());
}

std::string latency_text(const LatencyBuckets& latency) {
  if (latency.count() == 0) return "no requests";
  return fmt::format(
      "p50 {}, p99 {}, mean {:.1f} ms, {} requests", quantile(latency, 0.5),
      quantile(latency, 0.99),
      latency.sum_s * 1000 / static_cast<double>(latency.count()),
      latency.count());
}

long ready_workers(const ServiceStatus& status) {
  return std::count_if(
      status.workers.begin(), status.workers.end(),
      [](const WorkerStatus& worker) { return worker.state == "ready"; });
}

std::string headline(const ServiceStatus& status) {
  const bool drains = status.state == "ready" && !status.ready;
  return fmt::format("launch {}  {}  pid {}  {}  up {}\n",
                     shown(status.version), shown(status.mode), status.pid,
                     drains ? "draining" : shown(status.state),
                     age(status.uptime_s));
}

TableColumn column(std::string title, bool right, const ServiceStatus& status,
                   const std::function<std::string(const WorkerStatus&)>& of) {
  TableColumn column{std::move(title), right, {}};
  for (const WorkerStatus& worker : status.workers)
    column.cells.push_back(of(worker));
  return column;
}

template <auto member>
TableColumn number(std::string title, const ServiceStatus& status) {
  return column(std::move(title), true, status, [](const WorkerStatus& worker) {
    return fmt::format("{}", worker.*member);
  });
}

// The columns that more than one view has, those of which the values stand at
// the left of a table ...
std::vector<TableColumn> first_columns(const ServiceStatus& status) {
  return {
      number<&WorkerStatus::id>("worker", status),
      column("pid", true, status,
             [](const WorkerStatus& worker) {
               return worker.pid == 0 ? std::string(kUnknown)
                                      : std::to_string(worker.pid);
             }),
      column("state", false, status,
             [](const WorkerStatus& worker) { return shown(worker.state); }),
      column("up", true, status,
             [](const WorkerStatus& worker) { return age(worker.uptime_s); })};
}

/// ... and at its right.
void add_last_columns(std::vector<TableColumn>& columns,
                      const ServiceStatus& status) {
  columns.push_back(number<&WorkerStatus::connections>("connections", status));
  columns.push_back(
      column("busy", true, status, [](const WorkerStatus& worker) {
        return fmt::format("{}/{}", worker.busy_threads, worker.threads);
      }));
  columns.push_back(
      column("restarts", true, status, [](const WorkerStatus& worker) {
        return std::to_string(worker.restarts.total());
      }));
  columns.push_back(column(
      "memory", true, status,
      [](const WorkerStatus& worker) { return size(worker.pss_bytes); }));
  columns.push_back(
      column("request", false, status, [](const WorkerStatus& worker) {
        return shown(worker.request, kLongestRequest);
      }));
}

std::string restarts_of(const WorkerStatus& worker) {
  std::string text;
  for (std::size_t i = 0; i < kRestartCauses.size(); ++i)
    if (const auto count = worker.restarts[static_cast<RestartCause>(i)])
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                          kRestartCauses[i].name, count);
  return text;
}

/// What is counted of `now` since `before`; all of it where that is larger, as
/// when another service took the place.
std::uint64_t since(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

/// Between two frames.
struct Interval {
  double seconds = 0;
  std::vector<std::uint64_t> requests;  ///< by worker, as in the later frame
  std::uint64_t all_requests = 0;
  LatencyBuckets latency;
};

Interval interval(const ServiceStatus& before, const ServiceStatus& now) {
  Interval result;
  result.seconds = std::max(now.uptime_s - before.uptime_s, 0.001);
  for (const WorkerStatus& worker : now.workers) {
    const auto same = std::find_if(
        before.workers.begin(), before.workers.end(),
        [&](const WorkerStatus& other) { return other.id == worker.id; });
    const bool is_new = same == before.workers.end();
    result.requests.push_back(
        since(is_new ? 0 : same->requests, worker.requests));
    result.all_requests += result.requests.back();
  }
  for (std::size_t i = 0; i < now.latency.counts.size(); ++i)
    result.latency.counts[i] =
        since(before.latency.counts[i], now.latency.counts[i]);
  result.latency.sum_s =
      std::max(now.latency.sum_s - before.latency.sum_s, 0.0);
  return result;
}

std::string rate(std::uint64_t count, const Interval& interval) {
  return fmt::format("{:.0f}", static_cast<double>(count) / interval.seconds);
}

std::string share(std::uint64_t count, const Interval& interval) {
  if (interval.all_requests == 0) return std::string(kUnknown);
  return fmt::format("{:.0f} %",
                     100.0 * static_cast<double>(count) /
                         static_cast<double>(interval.all_requests));
}

std::string totals(const ServiceStatus& status,
                   const std::optional<Interval>& last) {
  std::int64_t connections = 0;
  std::int64_t in_progress = 0;
  std::uint64_t queued = 0;
  for (const WorkerStatus& worker : status.workers) {
    connections += worker.connections;
    in_progress += worker.in_progress;
  }
  for (const ListenerStatus& listener : status.listeners)
    queued += listener.queued;
  return fmt::format(
      "{} of {} workers ready, {} requests/s, {} connections, {} in progress, "
      "{} queued",
      ready_workers(status), status.workers_wanted,
      last ? rate(last->all_requests, *last) : std::string(kUnknown),
      connections, in_progress, queued);
}

std::string wrapped(const std::string& text, std::size_t width) {
  return (width == 0 ? text : wrap(text, width)) + '\n';
}

/// A value that is too long goes on below itself.
std::string wrapped_row(std::string_view name, const std::string& value,
                        std::size_t width) {
  constexpr std::size_t kNames = 13;
  std::string text = fmt::format("{:<{}}", name, kNames);
  const std::size_t left = width > 2 * kNames ? width - kNames : 0;
  for (const char c : left == 0 ? value : wrap(value, left)) {
    text += c;
    if (c == '\n') text += std::string(kNames, ' ');
  }
  return text + '\n';
}

}  // namespace

std::string status_text(const ServiceStatus& status, std::size_t width) {
  std::string text = headline(status);
  const auto row = [&](std::string_view name, const std::string& value) {
    text += wrapped_row(name, value, width);
  };
  row("workers",
      fmt::format("{} of {} ready, generation {}", ready_workers(status),
                  status.workers_wanted, status.generation));
  for (const ListenerStatus& listener : status.listeners)
    row("listening",
        fmt::format("{} ({} of {} queued)", shown(listener.address),
                    listener.queued, listener.queue_limit));
  row("latency", latency_text(status.latency));
  if (status.listen_overflows)
    row("overflows", std::to_string(*status.listen_overflows));
  if (status.last_reload)
    row("last reload", status.last_reload->ok
                           ? "succeeded"
                           : "failed: " + shown(status.last_reload->error));
  return text + '\n' + workers_text(status, width);
}

std::string workers_text(const ServiceStatus& status, std::size_t width) {
  if (status.workers.empty()) return "no workers\n";
  std::vector<TableColumn> columns = first_columns(status);
  columns.push_back(number<&WorkerStatus::requests>("requests", status));
  add_last_columns(columns, status);
  columns.insert(columns.end() - 1,
                 column("causes", false, status, restarts_of));
  return table(columns, width);
}

std::string top_text(const ServiceStatus& status,
                     const std::optional<ServiceStatus>& before,
                     std::size_t width) {
  std::optional<Interval> last;
  if (before) last = interval(*before, status);
  std::string text = headline(status) + wrapped(totals(status, last), width);
  text += wrapped(fmt::format("latency {}", last ? latency_text(last->latency)
                                                 : std::string(kUnknown)),
                  width);
  text += '\n';
  if (status.workers.empty()) return text + "no workers\n";
  std::vector<TableColumn> columns = first_columns(status);
  TableColumn rates{"requests/s", true, {}};
  TableColumn shares{"share", true, {}};
  for (std::size_t i = 0; i < status.workers.size(); ++i) {
    rates.cells.push_back(last ? rate(last->requests[i], *last)
                               : std::string(kUnknown));
    shares.cells.push_back(last ? share(last->requests[i], *last)
                                : std::string(kUnknown));
  }
  columns.push_back(std::move(rates));
  columns.push_back(std::move(shares));
  add_last_columns(columns, status);
  return text + table(columns, width);
}

std::string cut_to_height(const std::string& text, std::size_t height) {
  const auto lines =
      static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (height == 0 || lines <= height) return text;
  std::size_t end = 0;
  for (std::size_t i = 0; i + 1 < height; ++i) end = text.find('\n', end) + 1;
  return text.substr(0, end) +
         fmt::format("... {} more lines\n", lines - height + 1);
}

}  // namespace launch::cli
