#pragma once

#include <httplib.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "modes/http/header_slots.hpp"
#include "modes/http/memory_stream.hpp"
#include "modes/http/request_head.hpp"

namespace launch {

/// Whether the target is read the same by everybody: a path and at most one
/// query. cpp-httplib has ways of its own with all others.
bool is_plain_target(std::string_view target);

/// Turns the parts of a request into what handlers get, as cpp-httplib's
/// parser does: percent-encoding resolved (in header values too), headers with
/// an empty value left out, the addresses added as headers. Keeps one request
/// and the memory of its parts for the next, so that a client's second request
/// costs no allocation. For one thread.
class RequestBuilder {
 public:
  RequestBuilder();

  /// `head.target` is_plain_target() and at most kLongestPath characters long;
  /// `body` is the whole body. The request lasts until the next call; the
  /// characters of its path never move.
  httplib::Request& build(const RequestHead& head, std::string_view body,
                          const PeerAddress& remote, const PeerAddress& local);

  static constexpr std::size_t kLongestPath = 8192;

 private:
  void set_target(std::string_view target);
  void set_headers(const RequestHead& head);
  void set_body(std::string_view body);

  httplib::Request request_;
  HeaderSlots<httplib::Headers> slots_;
  std::string decoded_;
};

}  // namespace launch
