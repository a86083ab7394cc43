#include "modes/http/head_fields.hpp"

#include <algorithm>
#include <array>

#include "modes/http/field.hpp"

namespace launch {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

void split_request_line(std::string_view line, HeadFields& fields) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last ||
      !line.substr(last + 1).starts_with("HTTP/") ||
      line.size() - last != sizeof "HTTP/1.1") {
    fields.target = line;
    return;
  }
  fields.method = line.substr(0, first);
  fields.target = line.substr(first + 1, last - first - 1);
  fields.version = line.substr(last + 1);
}

/// The first counts: more than one is nothing a browser sends.
void take_first(std::string_view& to, std::string_view value) {
  if (to.empty()) to = value;
}

void join(std::string& to, std::string_view value) {
  if (!to.empty()) to += ", ";
  to += value;
}

void take_field(std::string_view name, std::string_view value,
                HeadFields& fields) {
  // The lengths tell most fields apart without comparing letters.
  const auto is = [name](std::string_view other) {
    return same_word(name, other);
  };
  if (is("Referer")) return take_first(fields.referer, value);
  if (is("User-Agent")) return take_first(fields.user_agent, value);
  if (is("X-Request-Id")) return join(fields.request_id, value);
  add_field(fields.forwarded, name, value);
}

}  // namespace

HeadFields scan_head(std::string_view message) {
  HeadFields fields;
  auto end = std::min(message.find(kLineEnd), message.size());
  split_request_line(message.substr(0, end), fields);
  while (end < message.size()) {
    const auto begin = end + kLineEnd.size();
    end = message.find(kLineEnd, begin);
    // An empty line ends the head; the last one may be cut off.
    if (end == begin || end == std::string_view::npos) break;
    const auto line = message.substr(begin, end - begin);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    take_field(line.substr(0, colon), trim(line.substr(colon + 1)), fields);
  }
  return fields;
}

}  // namespace launch
