#include "modes/http/request_builder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "modes/http/httplib_access.hpp"

namespace launch {
namespace {

/// Memory of a large body is not kept for the next request.
constexpr std::size_t kKeptBody = 64 * 1024;

struct PortText {
  std::array<char, 12> digits;
  std::size_t size;

  explicit PortText(int port) {
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), port);
    size = static_cast<std::size_t>(end.ptr - digits.data());
  }
  std::string_view text() const { return {digits.data(), size}; }
};

}  // namespace

RequestBuilder::RequestBuilder() { request_.path.reserve(kLongestPath); }

httplib::Request& RequestBuilder::build(const RequestHead& head,
                                        const PeerAddress& remote,
                                        const PeerAddress& local) {
  request_.method = head.method;
  request_.version = head.http10 ? "HTTP/1.0" : "HTTP/1.1";
  clear_files(request_);
  if (!request_.ranges.empty()) request_.ranges.clear();
  set_target(head.target);

  request_.remote_addr = remote.ip;
  request_.remote_port = remote.port;
  request_.local_addr = local.ip;
  request_.local_port = local.port;
  set_headers(head);
  set_body({});
  return request_;
}

httplib::Request RequestBuilder::release() {
  slots_ = {};
  httplib::Request released = std::move(request_);
  request_ = {};
  request_.path.reserve(kLongestPath);
  return released;
}

/// Of the parts between question marks cpp-httplib takes the first that is not
/// empty for the path, the second for the query, and refuses a third.
void RequestBuilder::set_target(std::string_view target) {
  target = target.substr(0, target.find('#'));
  request_.target = target;
  if (!request_.params.empty()) request_.params.clear();
  std::size_t parts = 0;
  while (!target.empty()) {
    const auto end = std::min(target.find('?'), target.size());
    const auto part = target.substr(0, end);
    target.remove_prefix(std::min(end + 1, target.size()));
    if (part.empty()) continue;
    if (++parts == 1) {
      set_path(part);
    } else if (parts == 2) {
      decoded_ = part;
      parse_query(decoded_, request_.params);
    }
  }
  target_clear_ = parts <= 2;
}

void RequestBuilder::set_path(std::string_view path) {
  if (path.find('%') == path.npos) {
    request_.path = path;
  } else {
    decoded_ = path;
    const std::string plain = decode_url(decoded_);
    request_.path = plain;  // not moved: the characters stay where they are
  }
}

void RequestBuilder::set_headers(const RequestHead& head) {
  const auto put = [&](std::string_view name, std::string_view value) {
    slots_.put(request_.headers, name, value);
  };
  slots_.start(request_.headers);
  for (const HeaderField& field : head.fields) {
    if (field.value.empty()) continue;
    if (field.value.find('%') == field.value.npos) {
      put(field.name, field.value);
    } else {
      decoded_ = field.value;
      put(field.name, decode_url(decoded_));
    }
  }
  put("REMOTE_ADDR", request_.remote_addr);
  put("REMOTE_PORT", PortText{request_.remote_port}.text());
  put("LOCAL_ADDR", request_.local_addr);
  put("LOCAL_PORT", PortText{request_.local_port}.text());
  slots_.finish(request_.headers);
}

void RequestBuilder::set_body(std::string_view body) {
  if (request_.body.capacity() > kKeptBody && body.size() <= kKeptBody)
    std::string{}.swap(request_.body);
  request_.body = body;
}

}  // namespace launch
