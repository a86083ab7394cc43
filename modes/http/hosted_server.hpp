#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "launch/server.hpp"
#include "modes/base/clock.hpp"
#include "modes/http/router.hpp"

namespace launch {

/// The server that launch hands to an app: what an engine needs of
/// cpp-httplib beyond its public interface. This and hosted_server.cpp are the
/// only files that know how cpp-httplib's releases differ.
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
    return process_on(*this, stream, close_connection, connection_closed);
  }

  // What process() does step by step, for requests that launch itself parses
  // and routes. All of it is looked up at the time of the call, whoever set it
  // and however.

  std::size_t handler_count(Method method) const;
  const Handler& handler(Method method, std::size_t index) const;
  bool has_mounts() const;
  bool has_exception_handler() const;
  const httplib::Headers& default_headers() const;
  /// Whether the pre-routing handler, if any, answered the request.
  bool pre_routed(const httplib::Request& request,
                  httplib::Response& response) const;
  void handle_exception(const httplib::Request& request,
                        httplib::Response& response,
                        const std::exception_ptr& exception) const;
  /// Whether the app may change or see the response while it is written, so
  /// that only write() will do.
  bool changes(const httplib::Response& response) const;
  /// Whether write() would compress its body.
  bool compresses(const httplib::Request& request,
                  const httplib::Response& response) const;
  /// Writes the response as process() does, with "Connection: close". `routed`
  /// tells whether a handler made it. May change both.
  bool write(httplib::Stream& stream, const httplib::Request& request,
             httplib::Response& response, bool routed);

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

  // A template, so that only the signature that exists is compiled: releases
  // up to 0.13 read the addresses from the stream, later ones are given them.
  template <typename Self>
  static bool process_on(Self& self, httplib::Stream& stream,
                         bool close_connection, bool& connection_closed) {
    const std::function<void(httplib::Request&)> no_setup;
    if constexpr (requires {
                    self.process_request(stream, close_connection,
                                         connection_closed, no_setup);
                  }) {
      return self.process_request(stream, close_connection, connection_closed,
                                  no_setup);
    } else {
      std::string remote_address;
      std::string local_address;
      int remote_port = -1;
      int local_port = -1;
      stream.get_remote_ip_and_port(remote_address, remote_port);
      stream.get_local_ip_and_port(local_address, local_port);
      return self.process_request(stream, remote_address, remote_port,
                                  local_address, local_port, close_connection,
                                  connection_closed, no_setup);
    }
  }
};

/// cpp-httplib's way with percent-encoding: "%u" and broken escapes too.
std::string decode_url(const std::string& text);
/// Adds the parameters of a query or of a form.
void parse_query(const std::string& text, httplib::Params& params);
/// "HTTP/1.1 200 OK\r\n" as cpp-httplib writes it, by status from 0 to 599;
/// empty below 200.
std::vector<std::string> status_lines();

}  // namespace launch
