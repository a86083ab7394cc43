#pragma once

#include <cstddef>
#include <string_view>

#include "modes/http/request_head.hpp"

namespace launch {

/// What a request's head may be; more is refused before anything is buffered.
struct FramingLimits {
  std::size_t target = 8192;       ///< else 414
  std::size_t header_line = 8192;  ///< cpp-httplib's own limit for a line
  std::size_t head = 65'536;       ///< blank lines, request line, headers
  std::size_t fields = 100;        ///< header lines
  std::size_t body = 8u << 20;     ///< as sent, chunk framing not counted
};

/// Finds where one HTTP/1.x request ends, and refuses what two readers could
/// understand differently: bare CR or LF, white space before a colon, folded
/// headers, a missing or repeated Host, Content-Length that is repeated, not a
/// number or beside Transfer-Encoding, any coding but a final "chunked".
/// Sources: RFC 9112 sections 2.2, 3, 5.1, 5.2, 6.1, 6.3, 7.1; RFC 9110 7.2.
///
/// Incremental: feed it the bytes received so far, always from the first byte
/// of the message; it remembers what it has seen of them.
class MessageFramer {
 public:
  enum class State {
    incomplete,  ///< more bytes are needed
    complete,    ///< the first length() bytes are one request
    invalid,     ///< answer with status() and close
  };

  /// Fills `head`, where one is given, in the call that finds the head to be
  /// complete, with views into `bytes`; else it leaves it alone.
  State feed(std::string_view bytes, const FramingLimits& limits,
             RequestHead* head = nullptr);

  /// Forgets the message, to begin with the next one.
  void reset() { *this = MessageFramer{}; }

  /// Where the request line begins: blank lines before it are let pass.
  std::size_t start() const { return start_; }
  std::size_t length() const { return position_; }  ///< from the first byte
  int status() const { return status_; }
  std::string_view reason() const { return reason_; }

  /// True from the moment the head is complete.
  bool head_complete() const { return phase_ > Phase::head; }
  /// RFC 9110 10.1.1: from an HTTP/1.0 client the wish is ignored.
  bool expects_continue() const { return expects_continue_ && !http10_; }
  bool is_http10() const { return http10_; }
  /// RFC 9112 9.3: whether the client will send another request.
  bool is_persistent() const {
    return !asks_close_ && (!http10_ || asks_keep_alive_);
  }

 private:
  enum class Phase { head, body, chunk_size, chunk_data, trailers, done };
  struct HeadFacts;

  State refuse(int status, std::string_view reason);
  bool fail(int status, std::string_view reason);
  State check_head(std::string_view head, const FramingLimits& limits,
                   RequestHead* parts);
  bool check_request_line(std::string_view line, const FramingLimits& limits,
                          RequestHead* parts);
  bool check_header(std::string_view line, HeadFacts& facts,
                    RequestHead* parts);
  bool check_known(KnownField known, std::string_view value, HeadFacts& facts);
  bool check_content_length(std::string_view value, HeadFacts& facts);
  bool check_transfer_encoding(std::string_view value, HeadFacts& facts);
  void note_connection_options(std::string_view value);
  State check_facts(const HeadFacts& facts, const FramingLimits& limits);
  State feed_chunks(std::string_view bytes, const FramingLimits& limits);
  State feed_chunk_size(std::string_view bytes, const FramingLimits& limits,
                        bool& waiting);
  State feed_trailers(std::string_view bytes);

  Phase phase_ = Phase::head;
  std::size_t start_ = 0;
  std::size_t scanned_ = 0;    ///< bytes of the head searched for its end
  std::size_t position_ = 0;   ///< end of what is understood
  std::size_t remaining_ = 0;  ///< of the body, or of the chunk and its CRLF
  std::size_t body_ = 0;       ///< bytes of all chunks so far
  int status_ = 0;
  std::string_view reason_;
  bool expects_continue_ = false;
  bool http10_ = false;
  bool asks_close_ = false;
  bool asks_keep_alive_ = false;
};

}  // namespace launch
