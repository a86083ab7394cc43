#include "modes/http/access_log.hpp"

#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

#include "modes/http/escape.hpp"

namespace launch {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr",
                                                   "May", "Jun", "Jul", "Aug",
                                                   "Sep", "Oct", "Nov", "Dec"};

/// How long the escaped texts may get.
struct Caps {
  std::size_t method = kUnlimited;
  std::size_t target = kUnlimited;
  std::size_t other = kUnlimited;  ///< each of the rest
};

/// In a line that must be cut: with these and an empty target each line stays
/// under kShortestLimit.
constexpr Caps kTight{.method = 32, .target = 0, .other = 256};

template <typename... Args>
void append(std::string& line, fmt::format_string<Args...> format,
            Args&&... args) {
  fmt::format_to(std::back_inserter(line), format, std::forward<Args>(args)...);
}

struct CalendarTime {
  chrono::year_month_day date;
  chrono::hh_mm_ss<microseconds> time;
};

CalendarTime calendar(WallTime time) {
  const auto day = chrono::floor<chrono::days>(time);
  return {chrono::year_month_day{day}, chrono::hh_mm_ss{time - day}};
}

/// "[24/Nov/2026:11:40:17 +0100]"
void append_clf_time(std::string& line, WallTime time, seconds utc_offset) {
  const auto [date, clock] = calendar(time + utc_offset);
  const auto minutes = std::abs(utc_offset.count()) / 60;
  append(line, "[{:02}/{}/{:04}:{:02}:{:02}:{:02} {}{:02}{:02}]",
         static_cast<unsigned>(date.day()),
         kMonths[static_cast<unsigned>(date.month()) - 1],
         static_cast<int>(date.year()), clock.hours().count(),
         clock.minutes().count(), clock.seconds().count(),
         utc_offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/// "2026-11-24T11:40:17.000123Z", RFC 3339
void append_utc_time(std::string& line, WallTime time) {
  const auto [date, clock] = calendar(time);
  append(line, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
         static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
         static_cast<unsigned>(date.day()), clock.hours().count(),
         clock.minutes().count(), clock.seconds().count(),
         clock.subseconds().count());
}

void append_quoted(std::string& line, std::string_view text,
                   std::size_t longest) {
  line += '"';
  if (text.empty())
    line += '-';
  else
    append_hex_escaped(line, text, longest);
  line += '"';
}

void append_request_line(std::string& line, const AccessEntry& entry,
                         const Caps& caps) {
  if (entry.method.empty())
    return append_quoted(line, entry.target, caps.target);
  line += '"';
  append_hex_escaped(line, entry.method, caps.method);
  line += ' ';
  append_hex_escaped(line, entry.target, caps.target);
  line += ' ';
  append_hex_escaped(line, entry.version, caps.other);
  line += '"';
}

/// The Common Log Format, what `combined` adds to it, and ours behind.
void append_clf(std::string& line, const AccessEntry& entry, bool combined,
                const Caps& caps) {
  append_hex_escaped(line, entry.client_ip, caps.other);
  line += " - - ";
  append_clf_time(line, entry.time, entry.utc_offset);
  line += ' ';
  append_request_line(line, entry, caps);
  append(line, " {} ", entry.status);
  if (entry.response_bytes == 0)
    line += '-';
  else
    append(line, "{}", entry.response_bytes);
  if (combined) {
    line += ' ';
    append_quoted(line, entry.referer, caps.other);
    line += ' ';
    append_quoted(line, entry.user_agent, caps.other);
  }
  append(line, " {} {} ", entry.duration.count(), entry.worker);
  append_hex_escaped(line, entry.request_id, caps.other);
  line += '\n';
}

/// `,"name":"text"`, or null where there is none.
void append_member(std::string& line, std::string_view name,
                   std::string_view text, std::size_t longest) {
  append(line, R"(,"{}":)", name);
  if (text.empty()) {
    line += "null";
    return;
  }
  line += '"';
  append_json_escaped(line, text, longest);
  line += '"';
}

void append_json(std::string& line, const AccessEntry& entry,
                 const Caps& caps) {
  line += R"({"time":")";
  append_utc_time(line, entry.time);
  line += '"';
  append_member(line, "client_ip", entry.client_ip, caps.other);
  append(line, R"(,"client_port":{})", entry.client_port);
  append_member(line, "scheme", entry.scheme, caps.other);
  append_member(line, "method", entry.method, caps.method);
  append_member(line, "target", entry.target, caps.target);
  append_member(line, "version", entry.version, caps.other);
  append(line, R"(,"status":{},"response_bytes":{})", entry.status,
         entry.response_bytes);
  append_member(line, "referer", entry.referer, caps.other);
  append_member(line, "user_agent", entry.user_agent, caps.other);
  append(line, R"(,"duration_us":{},"worker":{})", entry.duration.count(),
         entry.worker);
  append_member(line, "request_id", entry.request_id, caps.other);
  line += "}\n";
}

void append_entry(std::string& line, const AccessEntry& entry,
                  AccessLogFormat format, const Caps& caps) {
  if (format == AccessLogFormat::json)
    append_json(line, entry, caps);
  else
    append_clf(line, entry, format == AccessLogFormat::combined, caps);
}

}  // namespace

std::optional<AccessLogFormat> find_access_log_format(std::string_view name) {
  for (const AccessLogFormatRow& row : kAccessLogFormats)
    if (row.name == name) return row.format;
  return std::nullopt;
}

std::string_view to_string(AccessLogFormat format) {
  return kAccessLogFormats[static_cast<std::size_t>(format)].name;
}

std::string format_access(const AccessEntry& entry, AccessLogFormat format,
                          std::size_t longest) {
  std::string line;
  append_entry(line, entry, format, {});
  if (line.size() <= longest) return line;
  line.clear();
  append_entry(line, entry, format, kTight);
  Caps caps = kTight;
  caps.target = longest - line.size();
  line.clear();
  append_entry(line, entry, format, caps);
  return line;
}

}  // namespace launch
