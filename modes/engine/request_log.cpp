#include "modes/engine/request_log.hpp"

#include <charconv>
#include <ctime>
#include <utility>

#include "modes/http/head_fields.hpp"

namespace launch {
namespace {

/// Of the local zone. Zones change their offset at whole quarters of an hour,
/// and asking for it takes a lock: so it is asked for once in each.
seconds utc_offset(WallTime time) {
  struct Known {
    std::int64_t quarter = -1;
    seconds offset{0};
  };
  thread_local Known known;
  const std::time_t now = std::chrono::system_clock::to_time_t(time);
  if (const std::int64_t quarter = now / 900; quarter != known.quarter) {
    std::tm local{};
    ::localtime_r(&now, &local);
    known = {quarter, seconds{local.tm_gmtoff}};
  }
  return known.offset;
}

}  // namespace

RequestLog::RequestLog(const AccessLogPlan& plan, TrustedPeers trusted,
                       int worker)
    : format_(plan.format),
      file_(plan.file),
      trusted_(std::move(trusted)),
      ids_(RequestIds::random_prefix()),
      worker_(worker) {
  ::tzset();  // localtime_r() need not
}

RequestLog::Begin RequestLog::begin() {
  return {Clock::now(), std::chrono::time_point_cast<microseconds>(
                            std::chrono::system_clock::now())};
}

void RequestLog::write(const PeerAddress& peer, std::string_view message,
                       int status, std::uint64_t response_bytes,
                       const Begin& begin) {
  const auto duration =
      std::chrono::duration_cast<microseconds>(Clock::now() - begin.monotonic);
  const HeadFields head = scan_head(message);
  const Client client =
      effective_client(peer.ip, peer.port, head.forwarded, trusted_);
  const bool named =
      well_formed_request_id(head.request_id) && trusted_.trusts_peer(peer.ip);
  const std::string id = named ? head.request_id : ids_.next();
  file_.write(
      format_access({.time = begin.wall,
                     .utc_offset = utc_offset(begin.wall),
                     .client_ip = client.ip.empty() ? "unix:" : client.ip,
                     .client_port = client.port,
                     .scheme = client.scheme,
                     .method = head.method,
                     .target = head.target,
                     .version = head.version,
                     .status = status,
                     .response_bytes = response_bytes,
                     .referer = head.referer,
                     .user_agent = head.user_agent,
                     .duration = duration,
                     .worker = worker_,
                     .request_id = id},
                    format_, file_.longest_line()));
}

std::uint64_t body_bytes(std::string_view response) {
  const auto head_end = response.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return 0;
  return response.size() - head_end - 4;
}

int status_code(std::string_view status) {
  int code = 0;
  std::from_chars(status.data(), status.data() + status.size(), code);
  return code;
}

}  // namespace launch
