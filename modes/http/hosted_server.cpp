#include "modes/http/hosted_server.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "modes/log.hpp"

namespace launch {
namespace {

// An explicit instantiation may name private members; this is the one way to
// see what was registered behind the record's back. `member(Tag)` returns the
// pointer to the member.
template <typename Tag, auto Member>
struct Expose {
  friend auto member(Tag) { return Member; }
};

#define LAUNCH_EXPOSE(name) \
  struct name##tag {};      \
  auto member(name##tag);   \
  template struct Expose<name##tag, &httplib::Server::name>

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
struct write_response_tag {};
auto member(write_response_tag);
template struct Expose<write_response_tag,
                       &httplib::Server::write_response_core>;

#undef LAUNCH_EXPOSE

// Functions cannot be compared; two that come from one registration hold
// targets of one type.
template <typename Function>
bool same(const Function& held, const Function& recorded) {
  return held.target_type() == recorded.target_type();
}

template <typename Held>
bool same_handlers(const Held& held, const std::vector<Route>& routes,
                   std::string_view method) {
  using Handler = typename Held::value_type::second_type;
  std::size_t index = 0;
  for (const Route& route : routes) {
    const auto* handler = std::get_if<Handler>(&route.handler);
    if (route.method != method || handler == nullptr) continue;
    if (index == held.size() || !same(held[index].second, *handler))
      return false;
    ++index;
  }
  return index == held.size();
}

/// The exception's text on one line, whatever a client got into it.
std::string text_of(const std::exception_ptr& pointer) {
  try {
    std::rethrow_exception(pointer);
  } catch (const std::exception& error) {
    std::string text = error.what();
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

const std::vector<std::pair<std::regex, httplib::Server::Handler>>& handlers_of(
    const httplib::Server& server, Method method) {
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

}  // namespace

HostedServer::HostedServer() {
  // Content providers end at once when there seems to be no listening socket.
  // It is only compared: launch's listener is none of cpp-httplib's business.
  svr_sock_ = std::numeric_limits<socket_t>::max();
  set_exception_handler([](const httplib::Request& request,
                           httplib::Response& response,
                           const std::exception_ptr& exception) {
    log_error("{} {} failed: {}", request.method, request.target,
              text_of(exception));
    response.status = 500;
    response.set_content("Internal Server Error\n", "text/plain");
  });
}

std::optional<std::string> HostedServer::unrecorded() const {
  if (late_registration()) return "a registration after the app was loaded";
  const Registrations& recorded = registrations();
  const auto routes_match = [&](auto tag, std::string_view method) {
    return same_handlers(this->*member(tag), recorded.routes, method);
  };
  const auto set_alike = [&](auto tag, const auto& value) {
    return same(this->*member(tag), value);
  };

  struct Check {
    bool passed;
    std::string_view what;
  };
  const std::array checks{
      Check{routes_match(get_handlers_tag{}, "GET"), "a GET handler"},
      Check{routes_match(post_handlers_tag{}, "POST") &&
                routes_match(post_handlers_for_content_reader_tag{}, "POST"),
            "a POST handler"},
      Check{routes_match(put_handlers_tag{}, "PUT") &&
                routes_match(put_handlers_for_content_reader_tag{}, "PUT"),
            "a PUT handler"},
      Check{routes_match(patch_handlers_tag{}, "PATCH") &&
                routes_match(patch_handlers_for_content_reader_tag{}, "PATCH"),
            "a PATCH handler"},
      Check{
          routes_match(delete_handlers_tag{}, "DELETE") &&
              routes_match(delete_handlers_for_content_reader_tag{}, "DELETE"),
          "a DELETE handler"},
      Check{routes_match(options_handlers_tag{}, "OPTIONS"),
            "an OPTIONS handler"},
      Check{(this->*member(base_dirs_tag{})).size() == recorded.mounts.size(),
            "a mount point"},
      Check{this->*member(default_headers_tag{}) == recorded.default_headers,
            "default headers"},
      Check{set_alike(pre_routing_handler_tag{}, recorded.pre_routing_handler),
            "a pre-routing handler"},
      Check{
          set_alike(post_routing_handler_tag{}, recorded.post_routing_handler),
          "a post-routing handler"},
      Check{set_alike(error_handler_tag{}, recorded.error_handler),
            "an error handler"},
      Check{set_alike(exception_handler_tag{}, recorded.exception_handler),
            "an exception handler"},
      Check{set_alike(expect_100_continue_handler_tag{},
                      recorded.expect_100_continue_handler),
            "an Expect: 100-continue handler"},
      Check{
          set_alike(file_request_handler_tag{}, recorded.file_request_handler),
          "a file request handler"},
      Check{set_alike(logger_tag{}, recorded.logger), "a logger"},
  };
  for (const Check& check : checks)
    if (!check.passed)
      return std::string(check.what) + " set through httplib::Server&";
  return std::nullopt;
}

std::size_t HostedServer::handler_count(Method method) const {
  return handlers_of(*this, method).size();
}

const httplib::Server::Handler& HostedServer::handler(Method method,
                                                      std::size_t index) const {
  return handlers_of(*this, method)[index].second;
}

bool HostedServer::has_mounts() const {
  return !(this->*member(base_dirs_tag{})).empty();
}

bool HostedServer::has_exception_handler() const {
  return static_cast<bool>(this->*member(exception_handler_tag{}));
}

const httplib::Headers& HostedServer::default_headers() const {
  return this->*member(default_headers_tag{});
}

bool HostedServer::pre_routed(const httplib::Request& request,
                              httplib::Response& response) const {
  const HandlerWithResponse& handler = this->*member(pre_routing_handler_tag{});
  return handler && handler(request, response) == HandlerResponse::Handled;
}

void HostedServer::handle_exception(const httplib::Request& request,
                                    httplib::Response& response,
                                    const std::exception_ptr& exception) const {
  (this->*member(exception_handler_tag{}))(request, response, exception);
}

bool HostedServer::changes(const httplib::Response& response) const {
  return (response.status >= 400 && this->*member(error_handler_tag{})) ||
         this->*member(post_routing_handler_tag{}) ||
         this->*member(logger_tag{});
}

bool HostedServer::compresses(const httplib::Request& request,
                              const httplib::Response& response) const {
  return !response.body.empty() &&
         httplib::detail::encoding_type(request, response) !=
             httplib::detail::EncodingType::None;
}

bool HostedServer::write(httplib::Stream& stream,
                         const httplib::Request& request,
                         httplib::Response& response, bool routed) {
  return (this->*member(write_response_tag{}))(stream, true, request, response,
                                               routed);
}

std::string decode_url(const std::string& text) {
  return httplib::detail::decode_url(text, false);
}

void parse_query(const std::string& text, httplib::Params& params) {
  httplib::detail::parse_query_text(text, params);
}

std::vector<std::string> status_lines() {
  constexpr int kStatuses = 600;
  httplib::Server server;
  std::vector<std::string> lines(kStatuses);
  for (int status = 200; status < kStatuses; ++status) {
    httplib::detail::BufferStream stream;
    httplib::Response response;
    response.status = status;
    (server.*member(write_response_tag{}))(stream, true, {}, response, false);
    const std::string& text = stream.get_buffer();
    lines[static_cast<std::size_t>(status)] =
        text.substr(0, text.find('\n') + 1);
  }
  return lines;
}

}  // namespace launch
