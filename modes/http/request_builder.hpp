#pragma once

#include <httplib.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "modes/http/header_slots.hpp"
#include "modes/http/peer_address.hpp"
#include "modes/http/request_head.hpp"

namespace launch {

/// Turns the parts of a request into what handlers get, as cpp-httplib's
/// parser does: percent-encoding resolved (in header values too), headers with
/// an empty value left out, the addresses added as headers. Keeps one request
/// and the memory of its parts for the next, so that a client's second request
/// costs no allocation. For one thread.
class RequestBuilder {
 public:
  RequestBuilder();

  /// `head.target` is at most kLongestPath characters long. The request has no
  /// body yet, and lasts until the next call; the characters of its path never
  /// move.
  httplib::Request& build(const RequestHead& head, const PeerAddress& remote,
                          const PeerAddress& local);
  /// Whether the target had at most one query: cpp-httplib refuses another.
  bool is_target_clear() const { return target_clear_; }

  /// The body of that request, whole.
  void set_body(std::string_view body);

  httplib::Request& request() { return request_; }
  /// Gives the request away.
  httplib::Request release();

  static constexpr std::size_t kLongestPath = 8192;

 private:
  void set_target(std::string_view target);
  void set_path(std::string_view path);
  void set_headers(const RequestHead& head);

  httplib::Request request_;
  HeaderSlots<httplib::Headers> slots_;
  std::string decoded_;
  bool target_clear_ = true;
};

}  // namespace launch
