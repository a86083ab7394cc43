#include "modes/http/hosted_server.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "modes/log.hpp"

namespace launch {
namespace {

// Functions cannot be compared; two that come from one registration hold
// targets of one type.
template <typename Function>
bool same(const Function& held, const Function& recorded) {
  return held.target_type() == recorded.target_type();
}

/// Whether the `count` handlers of a server, `held(index)`, are those recorded.
template <typename Handler, typename Held>
bool same_handlers(std::size_t count, Held held,
                   const std::vector<Route>& routes, Method method) {
  std::size_t index = 0;
  for (const Route& route : routes) {
    const auto* handler = std::get_if<Handler>(&route.handler);
    if (handler == nullptr ||
        route.method != kMethodNames[static_cast<std::size_t>(method)])
      continue;
    if (index == count || !same(held(index), *handler)) return false;
    ++index;
  }
  return index == count;
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
  const auto routes_match = [&](Method method) {
    const auto plain = [&](std::size_t index) -> const Handler& {
      return handler(method, index);
    };
    const auto reading =
        [&](std::size_t index) -> const HandlerWithContentReader& {
      return reader(*this, method, index);
    };
    return same_handlers<Handler>(handler_count(method), plain, recorded.routes,
                                  method) &&
           same_handlers<HandlerWithContentReader>(
               reader_count(*this, method), reading, recorded.routes, method);
  };

  struct Check {
    bool passed;
    std::string_view what;
  };
  const std::array checks{
      Check{routes_match(Method::get), "a GET handler"},
      Check{routes_match(Method::post), "a POST handler"},
      Check{routes_match(Method::put), "a PUT handler"},
      Check{routes_match(Method::patch), "a PATCH handler"},
      Check{routes_match(Method::delete_), "a DELETE handler"},
      Check{routes_match(Method::options), "an OPTIONS handler"},
      Check{mount_count(*this) == recorded.mounts.size(), "a mount point"},
      Check{default_headers() == recorded.default_headers, "default headers"},
      Check{same(pre_routing_handler(*this), recorded.pre_routing_handler),
            "a pre-routing handler"},
      Check{same(post_routing_handler(*this), recorded.post_routing_handler),
            "a post-routing handler"},
      Check{same(error_handler(*this), recorded.error_handler),
            "an error handler"},
      Check{same(exception_handler(*this), recorded.exception_handler),
            "an exception handler"},
      Check{same(expect_handler(*this), recorded.expect_100_continue_handler),
            "an Expect: 100-continue handler"},
      Check{same(file_request_handler(*this), recorded.file_request_handler),
            "a file request handler"},
      Check{same(logger(*this), recorded.logger), "a logger"},
  };
  for (const Check& check : checks)
    if (!check.passed)
      return std::string(check.what) + " set through httplib::Server&";
  return std::nullopt;
}

bool HostedServer::pre_routed(const httplib::Request& request,
                              httplib::Response& response) const {
  const HandlerWithResponse& decide = pre_routing_handler(*this);
  return decide && decide(request, response) == HandlerResponse::Handled;
}

bool HostedServer::changes(const httplib::Response& response) const {
  return (response.status >= 400 && error_handler(*this)) ||
         post_routing_handler(*this) || logger(*this);
}

}  // namespace launch
