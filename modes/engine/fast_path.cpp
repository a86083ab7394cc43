#include "modes/engine/fast_path.hpp"

#include <algorithm>
#include <exception>

namespace launch {
namespace {

/// cpp-httplib's own limit (CPPHTTPLIB_FORM_URL_ENCODED_PAYLOAD_MAX_LENGTH).
constexpr std::size_t kLongestForm = 8192;
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data";

/// Whether cpp-httplib reads a body before it runs a handler; it ignores that
/// of other methods.
bool takes_body(Method method) {
  return method != Method::get && method != Method::options;
}

std::string_view content_type(const RequestHead& head) {
  if (!head.has_any(KnownField::content_type)) return {};
  const auto field = std::find_if(
      head.fields.begin(), head.fields.end(),
      [](const HeaderField& f) { return same_word(f.name, "Content-Type"); });
  return field->value;
}

bool is_plain_body(std::string_view type, std::size_t length) {
  if (type.find('%') != type.npos || type.starts_with(kMultipart)) return false;
  return !type.starts_with(kForm) || length <= kLongestForm;
}

}  // namespace

FastPath::FastPath(HostedServer& server) : server_(server) {
  if (kImitated && !server.unrecorded()) router_.emplace(server.routes());
}

bool FastPath::covers(const RequestHead& head, std::size_t body_length) const {
  if (!router_ || !server_.has_exception_handler() ||
      head.has_any(KnownField::range, KnownField::expect,
                   KnownField::content_encoding, KnownField::transfer_encoding,
                   KnownField::server_filled) ||
      head.target.size() > RequestBuilder::kLongestPath ||
      !is_plain_target(head.target))
    return false;
  const auto method = routed_as(head.method);
  if (!method || server_.handler_count(*method) != router_->size(*method))
    return false;
  if (!takes_body(*method))
    return *method == Method::options || !server_.has_mounts();
  return !router_->reads_content(*method) &&
         is_plain_body(content_type(head), body_length);
}

FastPath::Result FastPath::run(const RequestHead& head, std::string_view body,
                               const PeerAddress& remote,
                               const PeerAddress& local, FastPathMemory& memory,
                               MemoryStream& stream,
                               std::string& output) const {
  const Method method = *routed_as(head.method);
  if (!takes_body(method)) body = {};
  httplib::Request& request = memory.builder.build(head, body, remote, local);
  httplib::Response response;
  response.version = "HTTP/1.1";
  if (const auto& defaults = server_.default_headers(); !defaults.empty())
    response.headers = defaults;

  bool routed = false;
  try {
    routed = route(method, request, response, memory);
  } catch (...) {
    server_.handle_exception(request, response, std::current_exception());
    routed = true;
  }
  if (response.status == -1) response.status = routed ? 200 : 404;

  // Without a handler cpp-httplib states no length for a body.
  const auto set =
      routed || response.body.empty() ? writer_.plain(response) : std::nullopt;
  const bool may_compress = head.has_any(KnownField::accept_encoding);
  if (!set || server_.changes(response) ||
      (may_compress && server_.compresses(request, response)))
    return {.answered = server_.write(stream, request, response, routed)};
  const Persistence persistence = stream.persistence();
  writer_.write(request, response, *set, persistence, stream.date(), output);
  return {.answered = true,
          .ends = persistence == Persistence::none,
          .status = response.status,
          .body_bytes = request.method == "HEAD" ? 0 : response.body.size()};
}

bool FastPath::route(Method method, httplib::Request& request,
                     httplib::Response& response,
                     FastPathMemory& memory) const {
  if (server_.pre_routed(request, response)) return true;
  if (!request.body.empty() &&
      request.get_header_value("Content-Type").rfind(kForm, 0) == 0)
    parse_query(request.body, request.params);
  const auto found = router_->find(method, request, memory.router);
  if (!found) return false;
  server_.handler(method, *found)(request, response);
  return true;
}

}  // namespace launch
