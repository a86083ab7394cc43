#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "launch/server.hpp"
#include "modes/base/clock.hpp"
#include "modes/http/httplib_access.hpp"

namespace launch {

/// The server that launch hands to an app, and what an engine needs of it.
class HostedServer final : public Server {
 public:
  /// Until the app sets another one, a handler's exception becomes a plain 500
  /// and a line in the log: cpp-httplib itself would send its text to the
  /// client.
  HostedServer();

  /// Reads one request from `stream`, runs its handler and writes the
  /// response. With `close_connection` the response says "Connection: close";
  /// `connection_closed` becomes true when the request or the response asked
  /// for that. False when there was no complete request or it could not be
  /// answered.
  bool process(httplib::Stream& stream, bool close_connection,
               bool& connection_closed) {
    return launch::process(*this, stream, close_connection, connection_closed);
  }

  // What process() does step by step, for requests that launch itself parses
  // and routes. All of it is looked up at the time of the call, whoever set it
  // and however.

  std::size_t handler_count(Method method) const {
    return launch::handler_count(*this, method);
  }
  const Handler& handler(Method method, std::size_t index) const {
    return launch::handler(*this, method, index);
  }
  /// Whether that handler matches the request's path; then `request.matches`
  /// is set.
  bool matches(Method method, std::size_t index,
               httplib::Request& request) const {
    return launch::matches(*this, method, index, request);
  }
  bool has_mounts() const { return mount_count(*this) != 0; }
  bool has_exception_handler() const {
    return static_cast<bool>(exception_handler(*this));
  }
  const httplib::Headers& default_headers() const {
    return launch::default_headers(*this);
  }
  bool has_expect_handler() const { return launch::has_expect_handler(*this); }
  /// The status that the Expect: 100-continue handler, which must be there,
  /// answers a request's head with: 100 to go on.
  int ask_expect_handler(const httplib::Request& request,
                         httplib::Response& response) const {
    return launch::ask_expect_handler(*this, request, response);
  }
  /// Whether the pre-routing handler, if any, answered the request.
  bool pre_routed(const httplib::Request& request,
                  httplib::Response& response) const;
  void handle_exception(const httplib::Request& request,
                        httplib::Response& response,
                        const std::exception_ptr& exception) const {
    exception_handler (*this)(request, response, exception);
  }
  /// Runs what is registered for the request: the pre-routing handler, files
  /// and handlers. A body is read from `stream`. False when there is nothing.
  bool route(httplib::Request& request, httplib::Response& response,
             httplib::Stream& stream) {
    return launch::route(*this, request, response, stream);
  }
  /// Whether the app may change or see the response while it is written, so
  /// that only write() will do.
  bool changes(const httplib::Response& response) const;
  /// Whether write() would compress its body.
  bool compresses(const httplib::Request& request,
                  const httplib::Response& response) const {
    return !response.body.empty() && launch::compresses(request, response);
  }
  /// Writes the response as process() does, with "Connection: close". `routed`
  /// tells whether a handler made it. May change both.
  bool write(httplib::Stream& stream, const httplib::Request& request,
             httplib::Response& response, bool routed) {
    return launch::write_response(*this, stream, request, response, routed);
  }

  std::size_t keep_alive_max_count() const { return keep_alive_max_count_; }
  seconds keep_alive_timeout() const {
    return seconds{keep_alive_timeout_sec_};
  }
  std::size_t payload_max_length() const { return payload_max_length_; }
  milliseconds read_timeout() const {
    return to_milliseconds(read_timeout_sec_, read_timeout_usec_);
  }
  milliseconds write_timeout() const {
    return to_milliseconds(write_timeout_sec_, write_timeout_usec_);
  }

  /// Whether everything that httplib::Server holds also stands in
  /// registrations(); if not, what does not, as part of a sentence. Code that
  /// registers through httplib::Server& bypasses the record, and so does what
  /// is registered after the app's entry returned.
  std::optional<std::string> unrecorded() const;

  using Server::end_registration;
  using Server::port_asked;
  using Server::set_stop_action;
  using Server::start_hooks;
  using Server::stop_hooks;

 private:
  static milliseconds to_milliseconds(std::time_t s, std::time_t us) {
    return std::chrono::duration_cast<milliseconds>(seconds{s} +
                                                    microseconds{us});
  }
};

}  // namespace launch
