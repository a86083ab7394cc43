#include "modes/http/request_builder.hpp"

#include <algorithm>
#include <array>
#include <charconv>

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

bool is_plain_target(std::string_view target) {
  if (!target.starts_with('/')) return false;
  const auto query = target.find('?');
  if (query != target.npos && target.find('?', query + 1) != target.npos)
    return false;
  return target.find('#') == target.npos;
}

RequestBuilder::RequestBuilder() { request_.path.reserve(kLongestPath); }

httplib::Request& RequestBuilder::build(const RequestHead& head,
                                        std::string_view body,
                                        const PeerAddress& remote,
                                        const PeerAddress& local) {
  request_.method = head.method;
  request_.version = head.http10 ? "HTTP/1.0" : "HTTP/1.1";
  clear_files(request_);
  set_target(head.target);

  request_.remote_addr = remote.ip;
  request_.remote_port = remote.port;
  request_.local_addr = local.ip;
  request_.local_port = local.port;
  set_headers(head);
  set_body(body);
  return request_;
}

void RequestBuilder::set_target(std::string_view target) {
  request_.target = target;
  if (!request_.params.empty()) request_.params.clear();
  const auto path_end = std::min(target.find('?'), target.size());
  const auto path = target.substr(0, path_end);
  if (path.find('%') == path.npos) {
    request_.path = path;
  } else {
    decoded_ = path;
    const std::string plain = decode_url(decoded_);
    request_.path = plain;  // not moved: the characters stay where they are
  }
  if (path_end + 1 < target.size()) {
    decoded_ = target.substr(path_end + 1);
    parse_query(decoded_, request_.params);
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
