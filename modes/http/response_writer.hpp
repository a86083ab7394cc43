#pragma once

#include <httplib.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace launch {

/// What a response's Connection header is to say.
enum class Persistence {
  none,      ///< the connection ends after it: "Connection: close"
  implicit,  ///< nothing, as in HTTP/1.1
  explicit_  ///< "Connection: keep-alive", for a client of HTTP/1.0
};

/// RFC 9110 6.4.1: whether a response of that status may have a body.
constexpr bool allows_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

/// Headers that the handler set itself.
struct HandlerHeaders {
  bool date = false;
  bool content_type = false;
};

/// Writes the heads of plain responses with the very bytes that cpp-httplib
/// would write and ResponseStream lets pass: headers in the order of
/// httplib::Headers.
class ResponseWriter {
 public:
  ResponseWriter();

  /// Nothing for what only cpp-httplib's own writer does: content providers,
  /// ranges, and responses in which the handler itself set a header that
  /// frames the message. Compression is not looked at.
  std::optional<HandlerHeaders> plain(const httplib::Response& response) const;

  /// Appends the head of a plain() response to `output`. `date` is a whole
  /// line, left out where the handler set one. All of the body follows, unless
  /// the request is a HEAD.
  void write_head(const httplib::Request& request,
                  const httplib::Response& response, HandlerHeaders set,
                  Persistence persistence, std::string_view date,
                  std::string& output) const;

 private:
  std::vector<std::string> status_lines_;  ///< by status; empty: unknown
};

}  // namespace launch
