#include "bench/load/response_parser.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace launch::bench {
namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// `lower` holds small letters and dashes only.
bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

void ResponseParser::start(bool head_request) {
  head_request_ = head_request;
  any_received_ = false;
  start_head();
}

void ResponseParser::start_head() {
  state_ = State::status_line;
  has_length_ = has_encoding_ = chunked_ = close_asked_ = false;
  keep_alive_ = true;
  head_bytes_ = 0;
  partial_line_.clear();
}

ResponseParser::Progress ResponseParser::feed(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  if (at != end) any_received_ = true;
  while (at != end) {
    switch (state_) {
      case State::body:
      case State::chunk_data: {
        const auto here = static_cast<std::uint64_t>(end - at);
        const std::uint64_t taken = std::min(remaining_, here);
        at += taken;
        remaining_ -= taken;
        if (remaining_ == 0)
          state_ = state_ == State::body ? State::complete : State::chunk_end;
        break;
      }
      case State::body_until_close:
        at = end;
        break;
      case State::complete:
        fail("more bytes follow the complete answer",
             {at, static_cast<std::size_t>(end - at)});
        return Progress::failed;
      case State::failed:
        return Progress::failed;
      default:
        at = take_line(at, end);
    }
  }
  return progress();
}

ResponseParser::Progress ResponseParser::finish() {
  switch (state_) {
    case State::body_until_close:
      state_ = State::complete;
      break;
    case State::complete:
    case State::failed:
      break;
    case State::status_line:
    case State::headers:
      if (any_received_)
        fail("the connection was closed in the middle of the head",
             partial_line_);
      else
        fail("the connection was closed without an answer", {});
      break;
    default:
      fail("the connection was closed in the middle of the body", {});
  }
  return progress();
}

ResponseParser::Progress ResponseParser::progress() const {
  if (state_ == State::complete) return Progress::complete;
  return state_ == State::failed ? Progress::failed : Progress::more;
}

const char* ResponseParser::take_line(const char* at, const char* end) {
  const auto here = static_cast<std::size_t>(end - at);
  const auto* newline = static_cast<const char*>(std::memchr(at, '\n', here));
  const auto length =
      newline != nullptr ? static_cast<std::size_t>(newline - at) : here;
  std::string_view line(at, length);
  head_bytes_ += length + 1;
  if (head_bytes_ > kMaxHead) {
    fail("the head or a line of the body is longer than 64 KiB", line);
    return end;
  }
  if (newline == nullptr) {
    --head_bytes_;
    partial_line_.append(line);
    if (!plausible_start(partial_line_)) on_line(partial_line_);
    return end;
  }
  const bool was_cut = !partial_line_.empty();
  if (was_cut) line = partial_line_.append(line);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  on_line(line);
  if (was_cut) partial_line_.clear();
  return newline + 1;
}

/// Whether `line`, the beginning of a line, can still become a good one; so
/// that a peer that speaks something else and no newline is found out at once.
bool ResponseParser::plausible_start(std::string_view line) const {
  switch (state_) {
    case State::status_line:
      return line.substr(0, kVersionPrefix.size()) ==
             kVersionPrefix.substr(0, line.size());
    case State::chunk_size:
      return hex_value(line.front()) >= 0;
    case State::chunk_end:
      return line == "\r";
    default:
      return true;
  }
}

void ResponseParser::on_line(std::string_view line) {
  switch (state_) {
    case State::status_line:
      return on_status_line(line);
    case State::headers:
      return line.empty() ? on_head_end() : on_header(line);
    case State::chunk_size:
      return on_chunk_size(line);
    case State::chunk_end:
      if (!line.empty()) return fail("a chunk is longer than its size", line);
      state_ = State::chunk_size;
      head_bytes_ = 0;
      return;
    default:  // trailers: what they say changes nothing
      if (line.empty()) state_ = State::complete;
  }
}

void ResponseParser::on_status_line(std::string_view line) {
  if (line.size() < 12 || !line.starts_with(kVersionPrefix) ||
      !is_digit(line[7]) || line[8] != ' ' || line[9] < '1' ||
      !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) ||
      (line.size() > 12 && line[12] != ' '))
    return fail("this is not an HTTP/1.x status line", line);
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  keep_alive_ = line[7] != '0';
  if (status_ >= 400) excerpt_.assign(line.substr(0, kMaxExcerpt));
  state_ = State::headers;
}

void ResponseParser::on_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || line.front() == ' ' ||
      line.front() == '\t' || line[colon - 1] == ' ' || line[colon - 1] == '\t')
    return fail("this is not a header line", line);
  const std::string_view name = line.substr(0, colon);
  switch (colon) {  // the length of the name rules out nearly all others
    case 10:
      if (equals_ignoring_case(name, "connection"))
        on_connection(line.substr(colon + 1));
      return;
    case 14:
      if (equals_ignoring_case(name, "content-length"))
        on_content_length(trim(line.substr(colon + 1)));
      return;
    case 17:
      if (equals_ignoring_case(name, "transfer-encoding")) {
        const std::string_view codings = line.substr(colon + 1);
        const std::size_t comma = codings.rfind(',');
        const std::string_view last = comma == std::string_view::npos
                                          ? codings
                                          : codings.substr(comma + 1);
        has_encoding_ = true;
        chunked_ = equals_ignoring_case(trim(last), "chunked");
      }
      return;
    default:
      return;
  }
}

void ResponseParser::on_content_length(std::string_view value) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::uint64_t length = 0;
  for (const char c : value) {
    if (!is_digit(c)) return fail("Content-Length is not a number", value);
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (kMax - digit) / 10)
      return fail("Content-Length is too large", value);
    length = length * 10 + digit;
  }
  if (value.empty()) return fail("Content-Length is empty", value);
  if (has_length_ && length != remaining_)
    return fail("there are two different Content-Length headers", value);
  has_length_ = true;
  remaining_ = length;
}

void ResponseParser::on_connection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view token = trim(value.substr(0, comma));
    if (equals_ignoring_case(token, "close")) close_asked_ = true;
    if (equals_ignoring_case(token, "keep-alive")) keep_alive_ = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void ResponseParser::on_head_end() {
  if (close_asked_) keep_alive_ = false;
  if (status_ == 101)
    return fail("the server switches protocols, which nobody asked for", "101");
  if (status_ < 200) return start_head();
  if (head_request_ || status_ == 204 || status_ == 304) {
    state_ = State::complete;
  } else if (has_encoding_ && has_length_) {
    fail("there are both Content-Length and Transfer-Encoding", {});
  } else if (chunked_) {
    state_ = State::chunk_size;
    head_bytes_ = 0;
  } else if (has_length_) {
    state_ = remaining_ == 0 ? State::complete : State::body;
  } else {
    state_ = State::body_until_close;
    keep_alive_ = false;
  }
}

void ResponseParser::on_chunk_size(std::string_view line) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::size_t digits = 0;
  remaining_ = 0;
  for (; digits < line.size() && hex_value(line[digits]) >= 0; ++digits) {
    if (remaining_ > (kMax >> 4))
      return fail("the size of a chunk is too large", line);
    remaining_ =
        remaining_ << 4 | static_cast<std::uint64_t>(hex_value(line[digits]));
  }
  const std::string_view rest = trim(line.substr(digits));
  if (digits == 0 || (!rest.empty() && rest.front() != ';'))
    return fail("this is not the size of a chunk", line);
  state_ = remaining_ == 0 ? State::trailers : State::chunk_data;
}

void ResponseParser::fail(std::string_view problem, std::string_view bytes) {
  state_ = State::failed;
  problem_ = problem;
  excerpt_.assign(bytes.substr(0, kMaxExcerpt));
}

}  // namespace launch::bench
