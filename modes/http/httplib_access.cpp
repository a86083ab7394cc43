#include "modes/http/httplib_access.hpp"

#include <functional>
#include <type_traits>

// Declared beside what one release has and another has not, and taken where
// there is nothing better.
namespace httplib {
void decode_path_component(...);
namespace detail {
void decode_url(...);
}  // namespace detail
}  // namespace httplib

namespace launch {
namespace {

template <typename Result>
constexpr bool kIsMissing = std::is_void_v<Result>;

// An explicit instantiation may name private members; this is the one way to
// see what was registered behind the record's back. `member(Tag)` returns the
// pointer to the member.
template <typename Tag, auto Member>
struct Expose {
  friend auto member(Tag) { return Member; }
};

#define LAUNCH_EXPOSE_AS(tag, name) \
  struct tag {};                    \
  auto member(tag);                 \
  template struct Expose<tag, &httplib::Server::name>
#define LAUNCH_EXPOSE(name) LAUNCH_EXPOSE_AS(name##tag, name)

LAUNCH_EXPOSE(get_handlers_);
LAUNCH_EXPOSE(post_handlers_);
LAUNCH_EXPOSE(post_handlers_for_content_reader_);
LAUNCH_EXPOSE(put_handlers_);
LAUNCH_EXPOSE(put_handlers_for_content_reader_);
LAUNCH_EXPOSE(patch_handlers_);
LAUNCH_EXPOSE(patch_handlers_for_content_reader_);
LAUNCH_EXPOSE(delete_handlers_);
LAUNCH_EXPOSE(delete_handlers_for_content_reader_);
LAUNCH_EXPOSE(options_handlers_);
LAUNCH_EXPOSE(base_dirs_);
LAUNCH_EXPOSE(default_headers_);
LAUNCH_EXPOSE(pre_routing_handler_);
LAUNCH_EXPOSE(post_routing_handler_);
LAUNCH_EXPOSE(error_handler_);
LAUNCH_EXPOSE(exception_handler_);
LAUNCH_EXPOSE(expect_100_continue_handler_);
LAUNCH_EXPOSE(file_request_handler_);
LAUNCH_EXPOSE(logger_);
LAUNCH_EXPOSE_AS(process_request_tag, process_request);
LAUNCH_EXPOSE_AS(routing_tag, routing);
LAUNCH_EXPOSE_AS(write_response_core_tag, write_response_core);

#undef LAUNCH_EXPOSE
#undef LAUNCH_EXPOSE_AS

const auto& handlers_of(const httplib::Server& server, Method method) {
  switch (method) {
    case Method::get:
      return server.*member(get_handlers_tag{});
    case Method::post:
      return server.*member(post_handlers_tag{});
    case Method::put:
      return server.*member(put_handlers_tag{});
    case Method::patch:
      return server.*member(patch_handlers_tag{});
    case Method::delete_:
      return server.*member(delete_handlers_tag{});
    case Method::options:
      break;
  }
  return server.*member(options_handlers_tag{});
}

const auto& readers_of(const httplib::Server& server, Method method) {
  switch (method) {
    case Method::post:
      return server.*member(post_handlers_for_content_reader_tag{});
    case Method::put:
      return server.*member(put_handlers_for_content_reader_tag{});
    case Method::patch:
      return server.*member(patch_handlers_for_content_reader_tag{});
    case Method::delete_:
      return server.*member(delete_handlers_for_content_reader_tag{});
    case Method::get:
    case Method::options:
      break;
  }
  static const std::remove_cvref_t<
      decltype(server.*member(post_handlers_for_content_reader_tag{}))>
      none;
  return none;
}

// Templates, so that only what the release at hand has is compiled.

/// Releases up to 0.12 keep a regular expression, later ones a matcher.
template <typename Held>
bool matches_held(const Held& held, httplib::Request& request) {
  if constexpr (std::is_same_v<Held, std::regex>) {
    return std::regex_match(request.path, request.matches, held);
  } else {
    return held->match(request);
  }
}

/// Releases up to 0.22 have one function for all that is percent-encoded.
template <typename Text>
std::string decode(const Text& text) {
  if constexpr (kIsMissing<decltype(httplib::detail::decode_url(text, false))>)
    return httplib::decode_path_component(text);
  else
    return httplib::detail::decode_url(text, false);
}

/// Releases up to 0.22 keep the fields of a form elsewhere.
template <typename Request>
void clear(Request& request) {
  if constexpr (requires { request.files; }) {
    if (!request.files.empty()) request.files.clear();
  } else {
    request.form = {};
  }
}

using Setup = const std::function<void(httplib::Request&)>&;

/// Releases up to 0.17 read the addresses from the stream.
[[maybe_unused]] bool call(bool (httplib::Server::*process_request)(
                               httplib::Stream&, bool, bool&, Setup),
                           httplib::Server& server, httplib::Stream& stream,
                           bool close_connection, bool& connection_closed) {
  return (server.*process_request)(stream, close_connection, connection_closed,
                                   nullptr);
}

/// Later ones are given them, and pointers to results that may be null.
template <typename... Result>
[[maybe_unused]] bool call(bool (httplib::Server::*process_request)(
                               httplib::Stream&, const std::string&, int,
                               const std::string&, int, bool, bool&, Setup,
                               Result*...),
                           httplib::Server& server, httplib::Stream& stream,
                           bool close_connection, bool& connection_closed) {
  std::string remote_address;
  std::string local_address;
  int remote_port = -1;
  int local_port = -1;
  stream.get_remote_ip_and_port(remote_address, remote_port);
  stream.get_local_ip_and_port(local_address, local_port);
  return (server.*process_request)(stream, remote_address, remote_port,
                                   local_address, local_port, close_connection,
                                   connection_closed, nullptr,
                                   static_cast<Result*>(nullptr)...);
}

}  // namespace

std::size_t handler_count(const httplib::Server& server, Method method) {
  return handlers_of(server, method).size();
}

const httplib::Server::Handler& handler(const httplib::Server& server,
                                        Method method, std::size_t index) {
  return handlers_of(server, method)[index].second;
}

std::size_t reader_count(const httplib::Server& server, Method method) {
  return readers_of(server, method).size();
}

const httplib::Server::HandlerWithContentReader& reader(
    const httplib::Server& server, Method method, std::size_t index) {
  return readers_of(server, method)[index].second;
}

std::size_t mount_count(const httplib::Server& server) {
  return (server.*member(base_dirs_tag{})).size();
}

const httplib::Headers& default_headers(const httplib::Server& server) {
  return server.*member(default_headers_tag{});
}

const httplib::Server::HandlerWithResponse& pre_routing_handler(
    const httplib::Server& server) {
  return server.*member(pre_routing_handler_tag{});
}

const httplib::Server::Handler& post_routing_handler(
    const httplib::Server& server) {
  return server.*member(post_routing_handler_tag{});
}

const httplib::Server::HandlerWithResponse& error_handler(
    const httplib::Server& server) {
  return server.*member(error_handler_tag{});
}

const httplib::Server::ExceptionHandler& exception_handler(
    const httplib::Server& server) {
  return server.*member(exception_handler_tag{});
}

const httplib::Server::Expect100ContinueHandler& expect_handler(
    const httplib::Server& server) {
  return server.*member(expect_100_continue_handler_tag{});
}

const httplib::Server::Handler& file_request_handler(
    const httplib::Server& server) {
  return server.*member(file_request_handler_tag{});
}

const httplib::Logger& logger(const httplib::Server& server) {
  return server.*member(logger_tag{});
}

bool process(httplib::Server& server, httplib::Stream& stream,
             bool close_connection, bool& connection_closed) {
  return call(member(process_request_tag{}), server, stream, close_connection,
              connection_closed);
}

bool route(httplib::Server& server, httplib::Request& request,
           httplib::Response& response, httplib::Stream& stream) {
  return (server.*member(routing_tag{}))(request, response, stream);
}

bool matches(const httplib::Server& server, Method method, std::size_t index,
             httplib::Request& request) {
  return matches_held(handlers_of(server, method)[index].first, request);
}

bool write_response(httplib::Server& server, httplib::Stream& stream,
                    const httplib::Request& request,
                    httplib::Response& response, bool routed) {
  return (server.*member(write_response_core_tag{}))(stream, true, request,
                                                     response, routed);
}

bool compresses(const httplib::Request& request,
                const httplib::Response& response) {
  return httplib::detail::encoding_type(request, response) !=
         httplib::detail::EncodingType::None;
}

std::string decode_url(const std::string& text) { return decode(text); }

void clear_files(httplib::Request& request) { clear(request); }

void parse_query(const std::string& text, httplib::Params& params) {
  httplib::detail::parse_query_text(text, params);
}

bool parse_ranges(const std::string& value, httplib::Ranges& ranges) {
  return httplib::detail::parse_range_header(value, ranges);
}

std::vector<std::string> status_lines() {
  constexpr int kStatuses = 600;
  httplib::Server server;
  std::vector<std::string> lines(kStatuses);
  for (int status = 200; status < kStatuses; ++status) {
    httplib::detail::BufferStream stream;
    httplib::Response response;
    response.status = status;
    write_response(server, stream, {}, response, false);
    const std::string& text = stream.get_buffer();
    lines[static_cast<std::size_t>(status)] =
        text.substr(0, text.find('\n') + 1);
  }
  return lines;
}

}  // namespace launch
