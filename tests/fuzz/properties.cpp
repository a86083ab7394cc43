#include "tests/fuzz/properties.hpp"

#include <array>
#include <cstdint>
#include <string>

#include "modes/http/message_framer.hpp"
#include "tests/fuzz/reference.hpp"

namespace fuzz {
namespace {

using launch::FramingLimits;
using launch::MessageFramer;
using State = MessageFramer::State;

/// Small, so that short inputs reach them; and those of a server.
const std::array<FramingLimits, 2> kLimits{
    FramingLimits{.target = 64, .header_line = 64, .head = 256, .body = 64},
    FramingLimits{},
};

void require(bool holds, const char* what) {
  if (!holds) throw Violation(what);
}

/// Cuts that depend on nothing but the bytes: a finding can be repeated.
class Cuts {
 public:
  explicit Cuts(std::string_view bytes) {
    for (const char c : bytes)
      seed_ = (seed_ ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  }
  /// Mostly a few bytes, now and then some hundred.
  std::size_t next() {
    seed_ = seed_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    const std::size_t few = 1 + (seed_ >> 60U);
    return (seed_ >> 58U & 3U) == 0 ? 32 * few : few;
  }

 private:
  std::uint64_t seed_ = 14'695'981'039'346'656'037U;
};

/// Feeds as a connection does: always from the first byte, more each time.
State feed_in_pieces(MessageFramer& framer, std::string_view bytes,
                     const FramingLimits& limits) {
  Cuts cuts{bytes};
  State state = State::incomplete;
  for (std::size_t size = 0;
       size < bytes.size() && state == State::incomplete;) {
    size = std::min(bytes.size(), size + cuts.next());
    // Of exactly this size, so that reading beyond it is noticed.
    const std::string received{bytes.substr(0, size)};
    state = framer.feed(received, limits);
  }
  return state;
}

/// How the framer answers, at once and in pieces; `whole` is the former.
State feed(MessageFramer& whole, std::string_view bytes,
           const FramingLimits& limits) {
  const State state =
      bytes.empty() ? State::incomplete : whole.feed(bytes, limits);
  MessageFramer pieces;
  require(feed_in_pieces(pieces, bytes, limits) == state,
          "the answer depends on how the bytes are cut");
  require(
      pieces.status() == whole.status() && pieces.reason() == whole.reason(),
      "the reason depends on how the bytes are cut");
  require((state == State::invalid) == (whole.status() >= 400),
          "a refusal has a status, and nothing else has");
  if (state == State::complete) {
    require(
        pieces.length() == whole.length() && pieces.start() == whole.start(),
        "the end depends on how the bytes are cut");
    require(pieces.is_persistent() == whole.is_persistent() &&
                pieces.expects_continue() == whole.expects_continue() &&
                pieces.is_http10() == whole.is_http10(),
            "what the head says depends on how the bytes are cut");
    require(whole.length() <= bytes.size(), "the end lies beyond the bytes");
  }
  return state;
}

}  // namespace

void check_head(std::string_view bytes) {
  for (const FramingLimits& limits : kLimits) {
    MessageFramer framer;
    if (feed(framer, bytes, limits) != State::complete) continue;
    const auto expected = reference::parse_request(bytes);
    require(expected.has_value(), "accepted what the reference refuses");
    require(framer.length() == expected->length, "another end");
    require(framer.start() == expected->start, "another start");
    require(expected->body.size() <= limits.body, "a body over the limit");
  }
}

void check_chunked(std::string_view bytes) {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string message = head + std::string(bytes);
  const auto expected = reference::parse_chunked(bytes);
  for (const FramingLimits& limits : kLimits) {
    MessageFramer framer;
    const State state = feed(framer, message, limits);
    if (state == State::complete) {
      require(expected.has_value(), "accepted what the reference refuses");
      require(framer.length() == head.size() + expected->length, "another end");
      require(expected->body.size() <= limits.body, "a body over the limit");
    } else if (expected && expected->plain) {
      require(expected->body.size() > limits.body && framer.status() == 413,
              "refused, or waits for more, where nothing is missing");
    }
  }
}

}  // namespace fuzz
