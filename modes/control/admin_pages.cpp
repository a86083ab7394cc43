#include "modes/control/admin_pages.hpp"

#include <fmt/format.h>

#include "modes/control/metrics.hpp"
#include "modes/control/status_json.hpp"

namespace launch {
namespace {

struct PhraseRow {
  int status;
  std::string_view phrase;
};
constexpr std::array kPhrases{PhraseRow{200, "OK"}, PhraseRow{404, "Not Found"},
                              PhraseRow{405, "Method Not Allowed"},
                              PhraseRow{503, "Service Unavailable"}};

std::string_view phrase_of(int status) {
  for (const PhraseRow& row : kPhrases)
    if (row.status == status) return row.phrase;
  return "Error";
}

/// Without scheme, host and query.
std::string_view path_of(std::string_view target) {
  target = target.substr(0, target.find('?'));
  if (target.starts_with('/')) return target;
  const auto host = target.find("://");
  if (host == std::string_view::npos) return target;
  const auto path = target.find('/', host + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

const AdminPageRow* find_page(std::string_view path) {
  for (const AdminPageRow& row : kAdminPages)
    if (row.path == path) return &row;
  return nullptr;
}

}  // namespace

AdminPage show_index(const ServiceStatus&) {
  AdminPage page;
  for (const AdminPageRow& row : kAdminPages)
    page.body += fmt::format("{:<16}{}\n", row.path, row.summary);
  return page;
}

AdminPage show_live(const ServiceStatus& status) {
  if (status.live) return {.body = "live\n"};
  return {.status = 503, .body = "not live\n"};
}

AdminPage show_ready(const ServiceStatus& status) {
  if (status.ready) return {.body = "ready\n"};
  // Not ready while "ready" is what a drain begins with.
  const bool drains = status.state == "ready";
  return {.status = 503, .body = (drains ? "draining" : status.state) + '\n'};
}

AdminPage show_status(const ServiceStatus& status) {
  return {.type = "application/json", .body = to_json(status) + '\n'};
}

AdminPage show_metrics(const ServiceStatus& status) {
  return {.type = kMetricsType, .body = metrics_text(status)};
}

std::string admin_response(const RequestHead& request, std::string_view date,
                           const std::function<ServiceStatus()>& status) {
  const AdminPageRow* const row = find_page(path_of(request.target));
  const bool is_head = request.method == "HEAD";
  std::string_view allow;
  AdminPage page;
  if (row == nullptr) {
    page = {.status = 404, .body = "no such page: / lists those there are\n"};
  } else if (request.method != "GET" && !is_head) {
    page = {.status = 405, .body = "only GET and HEAD are answered here\n"};
    allow = "Allow: GET, HEAD\r\n";
  } else {
    page = row->show(status());
  }
  return fmt::format(
      "HTTP/1.1 {} {}\r\n{}Content-Type: {}\r\nContent-Length: {}\r\n"
      "Cache-Control: no-store\r\n{}Connection: close\r\n\r\n{}",
      page.status, phrase_of(page.status), date, page.type, page.body.size(),
      allow, is_head ? "" : page.body);
}

}  // namespace launch
