#pragma once

#include "tests/apps/conformance/routes.hpp"

// What cpp-httplib lets an app set around its handlers.

namespace conformance {

inline constexpr std::size_t kKeepAliveMaxCount = 3;

/// A helper as applications share it: it knows nothing but cpp-httplib.
inline void require_credentials(httplib::Server& server) {
  using Next = httplib::Server::HandlerResponse;
  server.set_pre_routing_handler(
      [](const Request& request, Response& response) {
        // "user:password"
        if (request.get_header_value("Authorization") ==
            "Basic dXNlcjpwYXNzd29yZA==")
          return Next::Unhandled;
        response.status = 401;
        response.set_header("WWW-Authenticate", "Basic realm=\"conformance\"");
        answer(response, "credentials are needed\n");
        return Next::Handled;
      });
}

template <typename Server>
void register_files(Server& server) {
  server.set_mount_point("/static", CONFORMANCE_FILES, {{"X-Mount", "static"}});
  server.set_mount_point("/", CONFORMANCE_FILES "/folder");
  server.set_file_extension_and_mimetype_mapping("conform",
                                                 "text/x-conformance");
  server.set_file_request_handler([](const Request&, Response& response) {
    response.set_header("X-File", "yes");
  });
}

template <typename Server>
void register_around_handlers(Server& server) {
  using Next = httplib::Server::HandlerResponse;
  server.set_pre_routing_handler(
      [](const Request& request, Response& response) {
        if (request.path.rfind("/private", 0) == 0 &&
            !request.has_header("Authorization")) {
          response.status = 401;
          answer(response, "credentials are needed\n");
          return Next::Handled;
        }
        if (request.path == "/handled-early") {
          answer(response, "by the pre-routing handler\n");
          return Next::Handled;
        }
        response.set_header("X-Before", request.method);
        return Next::Unhandled;
      });
  server.set_post_routing_handler(
      [](const Request& request, Response& response) {
        response.set_header("X-After", request.path.substr(0, 20));
      });
  const httplib::Server::HandlerWithResponse on_error = [](const Request&,
                                                           Response& response) {
    if (response.status == 418) return Next::Unhandled;
    answer(response, "the error handler: " + std::to_string(response.status) +
                         ", body of " + std::to_string(response.body.size()) +
                         " bytes\n");
    return Next::Handled;
  };
  server.set_error_handler(on_error);
  server.set_exception_handler(
      [](const Request&, Response& response, const std::exception_ptr&) {
        response.status = 503;
        answer(response, "the exception handler\n");
      });
  server.set_expect_100_continue_handler([](const Request& request, Response&) {
    return request.has_header("X-Refuse") ? 417 : 100;
  });
  server.set_logger([](const Request&, const Response&) {});
}

/// Everything there is.
template <typename Server>
void register_full(Server& server) {
  register_plain(server);
  register_files(server);
  register_around_handlers(server);
  server.set_default_headers({{"X-Default", "always"}, {"X-Other", "too"}});
  server.set_keep_alive_max_count(kKeepAliveMaxCount);
  server.Get("/private/hello", says("for those who may\n"));
}

/// Nothing may be reached without credentials, whose check is set through
/// cpp-httplib's own type whatever the routes are registered on.
template <typename Server>
void register_guarded(Server& server) {
  register_plain(server);
  require_credentials(server);
}

}  // namespace conformance
