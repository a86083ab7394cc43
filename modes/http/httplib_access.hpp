#pragma once

#include <httplib.h>

#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "modes/http/method.hpp"

// What launch needs of cpp-httplib beyond its public interface. This and
// httplib_access.cpp are the only files that know what is not public there, and
// how its releases differ. References point into the server.

namespace launch {

/// Whether launch's own router and writer yield what those of this release do,
/// to the byte. Where not, they stay unused.
inline constexpr bool kImitated =
    std::string_view{CPPHTTPLIB_VERSION} == "0.11.4";

/// A stream for which nobody ever waits, as it has no socket. Releases up to
/// 0.19 ask for less.
template <typename Stream>
class AlwaysReady : public Stream {
 public:
  bool is_readable() const override { return true; }
  bool wait_readable() const override { return true; }
  bool wait_writable() const override { return true; }
  std::time_t duration() const override { return 0; }
};
template <typename Stream>
requires requires(const Stream& stream) { stream.is_writable(); }
class AlwaysReady<Stream> : public Stream {
 public:
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
};
using ReadyStream = AlwaysReady<httplib::Stream>;

// What is registered, whoever did it and however. An empty function is one
// that nobody set.

std::size_t handler_count(const httplib::Server& server, Method method);
const httplib::Server::Handler& handler(const httplib::Server& server,
                                        Method method, std::size_t index);
/// Handlers with content readers; none for GET and OPTIONS.
std::size_t reader_count(const httplib::Server& server, Method method);
const httplib::Server::HandlerWithContentReader& reader(
    const httplib::Server& server, Method method, std::size_t index);
std::size_t mount_count(const httplib::Server& server);
const httplib::Headers& default_headers(const httplib::Server& server);
const httplib::Server::HandlerWithResponse& pre_routing_handler(
    const httplib::Server& server);
const httplib::Server::Handler& post_routing_handler(
    const httplib::Server& server);
const httplib::Server::HandlerWithResponse& error_handler(
    const httplib::Server& server);
const httplib::Server::ExceptionHandler& exception_handler(
    const httplib::Server& server);
const httplib::Server::Expect100ContinueHandler& expect_handler(
    const httplib::Server& server);
const httplib::Server::Handler& file_request_handler(
    const httplib::Server& server);
const httplib::Logger& logger(const httplib::Server& server);

inline bool has_expect_handler(const httplib::Server& server) {
  return static_cast<bool>(expect_handler(server));
}
/// The status that the Expect: 100-continue handler, which must be there,
/// answers a request's head with: 100 to go on.
inline int ask_expect_handler(const httplib::Server& server,
                              const httplib::Request& request,
                              httplib::Response& response) {
  return expect_handler(server)(request, response);
}

// How a request is answered.

/// The whole of it by cpp-httplib, from the first byte to the last: what launch
/// does step by step must come to the same, and tests compare the two.
/// Reads one request from `stream`, runs its handler and writes the response.
/// With `close_connection` the response says "Connection: close";
/// `connection_closed` becomes true when the request or the response asked for
/// that. False when there was no complete request or it could not be answered.
bool process(httplib::Server& server, httplib::Stream& stream,
             bool close_connection, bool& connection_closed);
/// Runs what is registered for a parsed request: the pre-routing handler, files
/// and handlers. A body is read from `stream`. False when there is nothing.
bool route(httplib::Server& server, httplib::Request& request,
           httplib::Response& response, httplib::Stream& stream);
/// Whether the handler() at that place matches the request's path; then
/// `request.matches` is set.
bool matches(const httplib::Server& server, Method method, std::size_t index,
             httplib::Request& request);
/// Writes the response, with "Connection: close". `routed` tells whether a
/// handler made it. May change it.
bool write_response(httplib::Server& server, httplib::Stream& stream,
                    const httplib::Request& request,
                    httplib::Response& response, bool routed);
/// Whether write_response() would compress a body.
bool compresses(const httplib::Request& request,
                const httplib::Response& response);

/// cpp-httplib's way with percent-encoding: "%u" and broken escapes too.
std::string decode_url(const std::string& text);
/// Forgets the files, and in later releases the fields, of a multipart form.
void clear_files(httplib::Request& request);
/// Adds the parameters of a query or of a form.
void parse_query(const std::string& text, httplib::Params& params);
/// Appends the ranges of a Range header's value; false when it is none.
bool parse_ranges(const std::string& value, httplib::Ranges& ranges);
/// "HTTP/1.1 200 OK\r\n" as cpp-httplib writes it, by status from 0 to 599;
/// empty below 200.
std::vector<std::string> status_lines();

}  // namespace launch
