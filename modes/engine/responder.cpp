#include "modes/engine/responder.hpp"

#include <algorithm>
#include <array>
#include <exception>

namespace launch {
namespace {

/// cpp-httplib's own limit (CPPHTTPLIB_FORM_URL_ENCODED_PAYLOAD_MAX_LENGTH).
constexpr std::size_t kLongestForm = 8192;
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data";
constexpr const char* kAcceptEncoding = "Accept-Encoding";

/// What cpp-httplib understands beside the methods that it routes.
constexpr std::array<std::string_view, 3> kUnroutedMethods{"CONNECT", "TRACE",
                                                           "PRI"};

bool is_unrouted(std::string_view method) {
  return std::find(kUnroutedMethods.begin(), kUnroutedMethods.end(), method) !=
         kUnroutedMethods.end();
}

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

/// Reads a body, and is never written to.
class BodyStream final : public ReadyStream {
 public:
  BodyStream(std::string_view body, const Responder::Call& call)
      : unread_(body), call_(call) {}

  ssize_t read(char* to, std::size_t size) override {
    const std::size_t count = unread_.copy(to, size);
    unread_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char*, std::size_t) override { return -1; }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = call_.remote.ip;
    port = call_.remote.port;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip = call_.local.ip;
    port = call_.local.port;
  }
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view unread_;
  const Responder::Call& call_;
};

}  // namespace

Responder::Responder(HostedServer& server, std::size_t compress_min)
    : server_(server), compress_min_(compress_min) {
  if (kImitated && !server.unrecorded()) router_.emplace(server.routes());
}

Responder::Made Responder::make(const Call& call,
                                ResponderMemory& memory) const {
  Made made;
  made.response = blank();
  httplib::Request& request =
      memory.builder.build(call.head, call.remote, call.local);
  run(call, request, made, memory);
  choose_writer(call, request, made);
  return made;
}

httplib::Response Responder::blank() const {
  httplib::Response response;
  response.version = "HTTP/1.1";
  if (const auto& defaults = server_.default_headers(); !defaults.empty())
    response.headers = defaults;
  return response;
}

void Responder::run(const Call& call, httplib::Request& request, Made& made,
                    ResponderMemory& memory) const {
  httplib::Response& response = made.response;
  const auto method = routed_as(call.head.method);
  if (!method && !is_unrouted(call.head.method)) {
    request.path.clear();  // cpp-httplib does not read on
    request.params.clear();
    response.status = 400;
    return;
  }
  if (!memory.builder.is_target_clear()) {
    response.status = 400;
    return;
  }
  if (call.head.has_any(KnownField::range) &&
      !server_.parse_ranges(request.get_header_value("Range"),
                            request.ranges)) {
    response.status = 416;
    return;
  }
  if (call.asks_to_continue && !agrees(request, made)) return;
  try {
    made.routed = route(method, call, request, response, memory);
  } catch (...) {
    made.routed =
        server_.handle_exception(request, response, std::current_exception());
  }
  if (response.status == -1)
    response.status = !made.routed ? 404 : request.ranges.empty() ? 200 : 206;
}

bool Responder::takes_fast_path(const RequestHead& head,
                                std::size_t body_length) const {
  const auto routed = routed_as(head.method);
  return routed && takes_fast_path(*routed, head, body_length);
}

bool Responder::takes_fast_path(Method method, const RequestHead& head,
                                std::size_t body_length) const {
  if (!router_ || server_.handler_count(method) != router_->size(method))
    return false;
  if (!takes_body(method))
    return method == Method::options || !server_.has_mounts();
  return !head.has_any(KnownField::content_encoding,
                       KnownField::transfer_encoding) &&
         !router_->reads_content(method) &&
         is_plain_body(content_type(head), body_length);
}

bool Responder::route(std::optional<Method> method, const Call& call,
                      httplib::Request& request, httplib::Response& response,
                      ResponderMemory& memory) const {
  if (method && takes_fast_path(*method, call.head, call.body.size())) {
    if (takes_body(*method)) memory.builder.set_body(call.body);
    return route_fast(*method, request, response, memory);
  }
  BodyStream stream{call.body, call};
  return server_.route(request, response, stream);
}

bool Responder::route_fast(Method method, httplib::Request& request,
                           httplib::Response& response,
                           ResponderMemory& memory) const {
  if (server_.pre_routed(request, response)) return true;
  if (!request.body.empty() &&
      request.get_header_value("Content-Type").rfind(kForm, 0) == 0)
    parse_query(request.body, request.params);
  const auto found = router_->find(method, request, memory.router);
  if (!found) return false;
  server_.handler(method, *found)(request, response);
  return true;
}

void Responder::choose_writer(const Call& call, httplib::Request& request,
                              Made& made) const {
  const httplib::Response& response = made.response;
  const bool in_memory = !made.is_produced();
  if (call.head.has_any(KnownField::accept_encoding)) {
    if (in_memory && response.body.size() < compress_min_) {
      const auto [first, last] = request.headers.equal_range(kAcceptEncoding);
      for (auto field = first; field != last; ++field)
        field->second = "identity";
    } else if (made.routed && server_.compresses(request, response)) {
      return;
    }
  }
  // Without a handler cpp-httplib states no length for a body.
  if (kImitated && in_memory && request.ranges.empty() &&
      (made.routed || response.body.empty()) && !server_.changes(response))
    made.plain = writer_.plain(response);
}

bool Responder::agrees(const Call& call, ResponderMemory& memory,
                       Made& refusal) const {
  if (!server_.has_expect_handler()) return true;
  refusal.response = blank();
  httplib::Request& request =
      memory.builder.build(call.head, call.remote, call.local);
  if (agrees(request, refusal)) return true;
  choose_writer(call, request, refusal);
  return false;
}

bool Responder::agrees(const httplib::Request& request, Made& refusal) const {
  if (!server_.has_expect_handler()) return true;
  const int status = server_.ask_expect_handler(request, refusal.response);
  if (status == 100) return true;
  if (refusal.is_produced()) refusal.response = blank();  // too late for that
  if (refusal.response.status == -1) refusal.response.status = status;
  refusal.refused = true;
  refusal.routed = true;  // so that its length is said
  return false;
}

void Responder::write_plain(Made& made, const httplib::Request& request,
                            Persistence persistence, std::string_view date,
                            std::string& output, std::string& body) const {
  writer_.write_head(request, made.response, *made.plain, persistence, date,
                     output);
  if (request.method == "HEAD") return;
  if (made.response.body.size() > kCopied) {
    body = std::move(made.response.body);
  } else {
    output += made.response.body;
  }
}

bool Responder::write(Made& made, httplib::Request& request,
                      httplib::Stream& stream) const {
  return server_.write(stream, request, made.response, made.routed);
}

}  // namespace launch
