#pragma once

#include <httplib.h>

#include <string>
#include <variant>
#include <vector>

namespace launch {

/// How a handler gets the body: complete, or through a content reader.
enum class RouteKind { plain, content_reader };

/// One registered handler.
struct Route {
  std::string method;   ///< "GET"
  std::string pattern;  ///< as registered: a regular expression
  std::variant<httplib::Server::Handler,
               httplib::Server::HandlerWithContentReader>
      handler;

  RouteKind kind() const {
    return handler.index() == 0 ? RouteKind::plain : RouteKind::content_reader;
  }
};

/// Everything an app registered, routes in order of registration. An empty
/// function is one that the app did not set.
struct Registrations {
  std::vector<Route> routes;
  std::vector<std::string> mounts;  ///< mount points
  httplib::Server::HandlerWithResponse pre_routing_handler;
  httplib::Server::Handler post_routing_handler;
  httplib::Server::HandlerWithResponse error_handler;
  httplib::Server::ExceptionHandler exception_handler;
  httplib::Server::Expect100ContinueHandler expect_100_continue_handler;
  httplib::Server::Handler file_request_handler;
  httplib::Logger logger;
  httplib::Headers default_headers;
};

}  // namespace launch
