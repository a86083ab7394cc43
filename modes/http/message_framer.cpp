#include "modes/http/message_framer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "modes/http/field.hpp"
#include "modes/http/token.hpp"

namespace launch {
namespace {

using State = MessageFramer::State;

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_token_char(c); });
}

/// Tab, visible ASCII and obs-text: what a header's value may hold. Without an
/// early end, so that the compiler takes many bytes at a time.
bool is_field_value(std::string_view text) {
  unsigned bad = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    bad |= static_cast<unsigned>(byte < 0x20) & (byte != '\t');
    bad |= static_cast<unsigned>(byte == 0x7f);
  }
  return bad == 0;
}

/// RFC 9112 3.2: a path, "*" for OPTIONS, a whole URL, or for CONNECT a host.
bool is_target(std::string_view method, std::string_view target) {
  if (target.starts_with('/') || method == "CONNECT") return true;
  if (target == "*") return method == "OPTIONS";
  const auto scheme = target.substr(0, target.find("://"));
  return scheme.size() < target.size() && is_token(scheme);
}

/// RFC 9110 7.2 and RFC 3986 3.2.2: a name or an address, and a port. Empty for
/// a target without an authority.
bool is_host(std::string_view value) {
  constexpr std::string_view kDelimiters = " \t\"#/<>?@\\^`{|}";
  return value.find_first_of(kDelimiters) == std::string_view::npos;
}

/// Bytes of blank lines before a request line, which RFC 9112 2.2 lets pass.
std::size_t leading_blank_lines(std::string_view bytes) {
  std::size_t skipped = 0;
  while (bytes.substr(skipped, 2) == "\r\n") skipped += 2;
  return skipped;
}

}  // namespace

struct MessageFramer::HeadFacts {
  int hosts = 0;
  std::size_t fields = 0;
  bool has_length = false;
  bool chunked = false;
  std::size_t length = 0;
};

State MessageFramer::refuse(int status, std::string_view reason) {
  status_ = status;
  reason_ = reason;
  return State::invalid;
}

bool MessageFramer::fail(int status, std::string_view reason) {
  refuse(status, reason);
  return false;
}

State MessageFramer::feed(std::string_view bytes, const FramingLimits& limits,
                          RequestHead* head) {
  if (status_ != 0) return State::invalid;
  if (phase_ == Phase::head) {
    start_ = leading_blank_lines(bytes);
    const std::size_t from = std::max(start_, scanned_ > 3 ? scanned_ - 3 : 0);
    const auto end = bytes.find("\r\n\r\n", from);
    scanned_ = bytes.size();
    if (end == std::string_view::npos) {
      // The blank line that ends a head of the greatest length may be missing.
      if (bytes.size() >= limits.head + 2)
        return refuse(431, "the request's head is too long");
      return State::incomplete;
    }
    if (end + 2 > limits.head)
      return refuse(431, "the request's head is too long");
    position_ = end + 4;
    const State state =
        check_head(bytes.substr(start_, end + 2 - start_), limits, head);
    if (state == State::invalid) return state;
  }
  if (phase_ == Phase::body) {
    const std::size_t have = std::min(remaining_, bytes.size() - position_);
    position_ += have;
    remaining_ -= have;
    if (remaining_ == 0) phase_ = Phase::done;
  }
  if (phase_ == Phase::done) return State::complete;
  if (phase_ == Phase::body) return State::incomplete;
  return feed_chunks(bytes, limits);
}

State MessageFramer::check_head(std::string_view head,
                                const FramingLimits& limits,
                                RequestHead* parts) {
  if (parts != nullptr) {
    parts->clear();
    parts->length = head.size() + 2;
  }
  auto line_end = head.find("\r\n");
  if (!check_request_line(head.substr(0, line_end), limits, parts))
    return State::invalid;

  HeadFacts facts;
  while (line_end + 2 < head.size()) {
    const std::size_t begin = line_end + 2;
    line_end = head.find("\r\n", begin);
    const auto line = head.substr(begin, line_end - begin);
    if (line.size() > limits.header_line - 2)
      return refuse(431, "a header is too long");
    if (++facts.fields > limits.fields)
      return refuse(431, "there are too many headers");
    if (!check_header(line, facts, parts)) return State::invalid;
  }
  return check_facts(facts, limits);
}

bool MessageFramer::check_request_line(std::string_view line,
                                       const FramingLimits& limits,
                                       RequestHead* parts) {
  const auto method_end = line.find(' ');
  const auto target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end + 1)
    return fail(400, "the request line is malformed");
  const auto method = line.substr(0, method_end);
  const auto target = line.substr(method_end + 1, target_end - method_end - 1);
  if (target.size() > limits.target)
    return fail(414, "the request target is too long");
  const bool plain = std::all_of(target.begin(), target.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  });
  if (!is_token(method) || !plain)
    return fail(400, "the request line is malformed");

  const auto version = line.substr(target_end + 1);
  http10_ = version == "HTTP/1.0";
  if (parts != nullptr) {
    parts->method = method;
    parts->target = target;
    parts->http10 = http10_;
  }
  if (http10_ || version == "HTTP/1.1")
    return is_target(method, target) ||
           fail(400, "the request target is malformed");
  if (version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
      std::isdigit(static_cast<unsigned char>(version[5])) != 0 &&
      version[6] == '.' &&
      std::isdigit(static_cast<unsigned char>(version[7])) != 0)
    return fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  return fail(400, "the request line is malformed");
}

bool MessageFramer::check_header(std::string_view line, HeadFacts& facts,
                                 RequestHead* parts) {
  std::size_t colon = 0;
  while (colon < line.size() && is_token_char(line[colon])) ++colon;
  if (colon == 0 || colon == line.size() || line[colon] != ':')
    return fail(400, "a header's name is malformed");
  const HeaderField field{line.substr(0, colon), trim(line.substr(colon + 1))};
  if (!is_field_value(field.value))
    return fail(400, "a header's value has a control character");
  const KnownField known = known_field(field.name);
  if (parts != nullptr) parts->add(field, known);
  return check_known(known, field.value, facts);
}

bool MessageFramer::check_known(KnownField known, std::string_view value,
                                HeadFacts& facts) {
  switch (known) {
    case KnownField::host:
      ++facts.hosts;
      if (is_host(value)) return true;
      return fail(400, "the Host header is malformed");
    case KnownField::content_length:
      return check_content_length(value, facts);
    case KnownField::transfer_encoding:
      return check_transfer_encoding(value, facts);
    case KnownField::connection:
      note_connection_options(value);
      return true;
    case KnownField::expect:
      if (!same_word(value, "100-continue"))
        return fail(417, "the only expectation met is 100-continue");
      expects_continue_ = true;
      return true;
    default:
      return true;
  }
}

void MessageFramer::note_connection_options(std::string_view value) {
  asks_close_ = asks_close_ || lists_word(value, "close");
  asks_keep_alive_ = asks_keep_alive_ || lists_word(value, "keep-alive");
}

bool MessageFramer::check_content_length(std::string_view value,
                                         HeadFacts& facts) {
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, facts.length);
  if (facts.has_length || value.empty() || read.ptr != end ||
      read.ec != std::errc{})
    return fail(400, "Content-Length is repeated or not a number");
  facts.has_length = true;
  return true;
}

bool MessageFramer::check_transfer_encoding(std::string_view value,
                                            HeadFacts& facts) {
  if (facts.chunked || http10_)
    return fail(400, "Transfer-Encoding is not allowed here");
  if (!same_word(value, "chunked"))
    return fail(501, "the only transfer coding understood is chunked");
  facts.chunked = true;
  return true;
}

State MessageFramer::check_facts(const HeadFacts& facts,
                                 const FramingLimits& limits) {
  if (facts.hosts > 1 || (facts.hosts == 0 && !http10_))
    return refuse(400, "exactly one Host header is needed");
  if (facts.chunked && facts.has_length)
    return refuse(400, "Content-Length and Transfer-Encoding exclude another");
  if (facts.length > limits.body)
    return refuse(413, "the body is larger than the server accepts");
  remaining_ = facts.length;
  phase_ = facts.chunked      ? Phase::chunk_size
           : facts.length > 0 ? Phase::body
                              : Phase::done;
  return State::incomplete;
}

State MessageFramer::feed_chunks(std::string_view bytes,
                                 const FramingLimits& limits) {
  for (bool waiting = false; !waiting;) {
    if (phase_ == Phase::chunk_size) {
      const State state = feed_chunk_size(bytes, limits, waiting);
      if (state == State::invalid) return state;
    } else if (phase_ == Phase::chunk_data) {
      if (bytes.size() - position_ < remaining_) return State::incomplete;
      position_ += remaining_;
      if (bytes.substr(position_ - 2, 2) != "\r\n")
        return refuse(400, "a chunk does not end where its size says");
      phase_ = Phase::chunk_size;
    } else {
      return feed_trailers(bytes);
    }
  }
  return State::incomplete;
}

State MessageFramer::feed_chunk_size(std::string_view bytes,
                                     const FramingLimits& limits,
                                     bool& waiting) {
  constexpr std::size_t kLongestLine = 256;  // a size and a short extension
  const auto rest = bytes.substr(position_, kLongestLine);
  const auto end = rest.find("\r\n");
  if (end == std::string_view::npos) {
    if (rest.size() == kLongestLine || rest.find('\n') != rest.npos)
      return refuse(400, "a chunk's size line is malformed");
    waiting = true;
    return State::incomplete;
  }
  const auto line = rest.substr(0, end);
  std::size_t size = 0;
  const auto read =
      std::from_chars(line.data(), line.data() + line.size(), size, 16);
  const auto tail =
      line.substr(static_cast<std::size_t>(read.ptr - line.data()));
  if (read.ec != std::errc{} || (!tail.empty() && tail.front() != ';') ||
      !is_field_value(tail))
    return refuse(400, "a chunk's size line is malformed");
  if (size > limits.body || body_ + size > limits.body)
    return refuse(413, "the body is larger than the server accepts");
  body_ += size;
  position_ += end + 2;
  remaining_ = size + 2;
  phase_ = size > 0 ? Phase::chunk_data : Phase::trailers;
  return State::incomplete;
}

State MessageFramer::feed_trailers(std::string_view bytes) {
  const auto rest = bytes.substr(position_);
  if (rest.substr(0, 2) == "\r\n") {
    position_ += 2;
    phase_ = Phase::done;
    return State::complete;
  }
  if (rest.size() < 2) return State::incomplete;
  // cpp-httplib's reader takes trailers for a broken body.
  return refuse(400, "trailers after a chunked body are not accepted");
}

}  // namespace launch
