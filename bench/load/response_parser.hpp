#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace launch::bench {

/// Reads HTTP/1.x answers, one after the other, from bytes that arrive in
/// portions of any size: every way of cutting them gives the same result
/// (framing as in RFC 9112, section 6.3). It looks at each byte of a head once
/// and at none of a body whose length is known, and allocates nothing as long
/// as lines are not cut in two.
///
/// Interim answers (1xx) are skipped. Lines may end in CR LF or LF.
class ResponseParser {
 public:
  enum class Progress { more, complete, failed };

  /// A longer head, chunk-size line or trailer section is an error.
  static constexpr std::size_t kMaxHead = 64 * 1024;

  /// Expects the answer to a request and forgets the one before. An answer to
  /// HEAD has no body whatever its head says.
  void start(bool head_request);

  /// Takes all of `bytes`. What follows a complete answer is an error: nobody
  /// asked for it.
  Progress feed(std::string_view bytes);

  /// The peer closed. This is how a body without a length ends; anywhere else
  /// it is an error.
  Progress finish();

  int status() const { return status_; }

  /// Whether the connection may carry another request after this answer.
  bool keep_alive() const { return keep_alive_; }

  /// After a failure: what is wrong, as the end of a sentence.
  std::string_view problem() const { return problem_; }

  /// After a failure: the first bytes at fault. After a complete answer that
  /// is not 2xx or 3xx: its status line. At most kMaxExcerpt bytes, raw.
  std::string_view excerpt() const { return excerpt_; }
  static constexpr std::size_t kMaxExcerpt = 80;

 private:
  enum class State : std::uint8_t {
    status_line,
    headers,
    body,
    body_until_close,
    chunk_size,
    chunk_data,
    chunk_end,
    trailers,
    complete,
    failed,
  };

  void start_head();
  const char* take_line(const char* at, const char* end);
  bool plausible_start(std::string_view line) const;
  void on_line(std::string_view line);
  void on_status_line(std::string_view line);
  void on_header(std::string_view line);
  void on_content_length(std::string_view value);
  void on_connection(std::string_view value);
  void on_head_end();
  void on_chunk_size(std::string_view line);
  void fail(std::string_view problem, std::string_view bytes);
  Progress progress() const;

  State state_ = State::complete;
  bool head_request_ = false;
  bool any_received_ = false;
  bool has_length_ = false;
  bool has_encoding_ = false;
  bool chunked_ = false;
  bool keep_alive_ = true;
  bool close_asked_ = false;
  int status_ = 0;
  std::size_t head_bytes_ = 0;
  std::uint64_t remaining_ = 0;  ///< of the body or of the chunk
  std::string partial_line_;     ///< what came of a line that was cut in two
  std::string_view problem_;
  std::string excerpt_;
};

}  // namespace launch::bench
