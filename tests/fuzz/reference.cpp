#include "tests/fuzz/reference.hpp"

#include <cctype>
#include <cstdint>
#include <vector>

namespace reference {
namespace {

/// RFC 5234 B.1 and RFC 9110 5.6.2.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_visible(char c) { return c >= 0x21 && c <= 0x7e; }
bool is_obs_text(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_tchar(char c) {
  return is_digit(c) || is_alpha(c) ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

bool all_of(std::string_view text, bool (*is)(char)) {
  for (const char c : text)
    if (!is(c)) return false;
  return true;
}

bool is_token(std::string_view text) {
  return !text.empty() && all_of(text, is_tchar);
}

bool is_field_text(char c) {
  return is_visible(c) || is_obs_text(c) || is_blank(c);
}

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the next line, whose end is CRLF and which holds no other CR or LF.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find_first_of("\r\n");
  if (end == std::string_view::npos || rest.substr(end, 2) != "\r\n") return {};
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

struct Field {
  std::string name;  ///< in small letters
  std::string value;
};

/// field-line = field-name ":" OWS field-value OWS
std::optional<Field> parse_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  const auto name = line.substr(0, colon);
  const auto value = line.substr(colon + 1);
  if (!is_token(name) || !all_of(value, is_field_text)) return {};
  return Field{lower(name), std::string(without_blanks(value))};
}

/// request-line = method SP request-target SP HTTP-version; the version's
/// minor digit.
std::optional<char> parse_request_line(std::string_view line) {
  const auto first = line.find(' ');
  if (first == std::string_view::npos) return {};
  const auto second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return {};
  const auto target = line.substr(first + 1, second - first - 1);
  const auto version = line.substr(second + 1);
  if (!is_token(line.substr(0, first)) || target.empty()) return {};
  for (const char c : target)
    if (!is_visible(c) && !is_obs_text(c)) return {};
  // origin-form, absolute-form, authority-form and asterisk-form
  const auto method = line.substr(0, first);
  const auto scheme_end = target.find("://");
  const bool absolute = scheme_end != std::string_view::npos &&
                        is_token(target.substr(0, scheme_end));
  if (target.front() != '/' && !absolute && method != "CONNECT" &&
      !(target == "*" && method == "OPTIONS"))
    return {};
  if (version != "HTTP/1.0" && version != "HTTP/1.1") return {};
  return version.back();
}

std::vector<std::string> values_of(const std::vector<Field>& fields,
                                   const std::string& name) {
  std::vector<std::string> values;
  for (const Field& field : fields)
    if (field.name == name) values.push_back(field.value);
  return values;
}

/// 1*DIGIT, or 1*HEXDIG with base 16; nothing beyond 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text,
                                          unsigned base) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.empty()) return {};
  std::uint64_t number = 0;
  for (const char c : lower(text)) {
    const auto digit = kDigits.substr(0, base).find(c);
    if (digit == std::string_view::npos) return {};
    if (number > (UINT64_MAX - digit) / base) return {};
    number = number * base + digit;
  }
  return number;
}

/// Appends the body that RFC 9112 6.3 gives a request; false when there is none
/// yet or the fields contradict each other.
bool take_body(std::string_view rest, const std::vector<Field>& fields,
               bool http10, Request& request) {
  const auto lengths = values_of(fields, "content-length");
  const auto codings = values_of(fields, "transfer-encoding");
  if (!codings.empty()) {
    if (!lengths.empty() || http10 || codings.size() > 1 ||
        lower(codings.front()) != "chunked")
      return false;
    const auto chunked = parse_chunked(rest);
    if (!chunked) return false;
    request.length += chunked->length;
    request.body = chunked->body;
    return true;
  }
  if (lengths.empty()) return true;
  const auto length = parse_number(lengths.front(), 10);
  if (lengths.size() > 1 || !length || *length > rest.size()) return false;
  request.length += *length;
  request.body = rest.substr(0, *length);
  return true;
}

}  // namespace

std::optional<Request> parse_request(std::string_view bytes) {
  Request request;
  std::string_view rest = bytes;
  while (rest.substr(0, 2) == "\r\n") rest.remove_prefix(2);
  request.start = bytes.size() - rest.size();

  const auto request_line = take_line(rest);
  if (!request_line) return {};
  const auto minor = parse_request_line(*request_line);
  if (!minor) return {};
  std::vector<Field> fields;
  while (true) {
    const auto line = take_line(rest);
    if (!line) return {};
    if (line->empty()) break;
    const auto field = parse_field(*line);
    if (!field) return {};
    fields.push_back(*field);
  }
  const bool http10 = *minor == '0';
  const auto hosts = values_of(fields, "host").size();
  if (hosts > 1 || (hosts == 0 && !http10)) return {};
  for (const std::string& host : values_of(fields, "host"))
    for (const char c : host)
      if (std::string_view{" \t\"#/<>?@\\^`{|}"}.find(c) !=
          std::string_view::npos)
        return {};
  for (const std::string& expectation : values_of(fields, "expect"))
    if (lower(expectation) != "100-continue") return {};
  request.length = bytes.size() - rest.size();
  if (!take_body(rest, fields, http10, request)) return {};
  return request;
}

/// chunked-body = *chunk last-chunk trailer-section CRLF
std::optional<Chunked> parse_chunked(std::string_view bytes) {
  Chunked result;
  std::string_view rest = bytes;
  while (true) {
    const auto line = take_line(rest);
    if (!line) return {};
    const auto semicolon = line->find(';');
    const auto size_text = line->substr(0, semicolon);
    if (!all_of(*line, is_field_text)) return {};
    const auto size = parse_number(size_text, 16);
    if (!size) return {};
    if (semicolon != std::string_view::npos ||
        (size_text.size() > 1 && size_text.front() == '0'))
      result.plain = false;
    if (*size == 0) break;
    if (*size > rest.size()) return {};
    result.body += rest.substr(0, *size);
    rest.remove_prefix(*size);
    if (rest.substr(0, 2) != "\r\n") return {};
    rest.remove_prefix(2);
  }
  while (true) {
    const auto line = take_line(rest);
    if (!line) return {};
    if (line->empty()) break;
    if (!parse_field(*line)) return {};
    result.plain = false;
  }
  result.length = bytes.size() - rest.size();
  return result;
}

}  // namespace reference
