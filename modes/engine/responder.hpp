#pragma once

#include <httplib.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "modes/http/hosted_server.hpp"
#include "modes/http/peer_address.hpp"
#include "modes/http/request_builder.hpp"
#include "modes/http/response_writer.hpp"
#include "modes/http/router.hpp"

namespace launch {

/// What one thread keeps for a Responder between requests.
struct ResponderMemory {
  RequestBuilder builder;
  RouterMemory router;
};

/// Makes the responses to requests: the same as cpp-httplib's
/// process_request(), step by step, and each step by launch's own code where
/// that comes to the same and costs less.
///
/// - The request is always made by launch, of the head that was checked.
/// - Recorded routes are found by the Router: the fast path. Files, content
///   readers, bodies that must be decoded, and all that was registered through
///   httplib::Server& are left to cpp-httplib's routing: the compatible path.
/// - Responses in memory are written by the ResponseWriter; those with content
///   providers, compression or ranges, and what error, post-routing and logging
///   handlers must see, by cpp-httplib's writer.
///
/// Handlers and all that is set around them are those that the server holds at
/// the moment of the request. May be used by several threads.
class Responder {
 public:
  /// Reads what is registered on `server`, which must outlive it. Answers
  /// shorter than `compress_min` bytes are never compressed.
  explicit Responder(HostedServer& server, std::size_t compress_min = 1);

  /// One request and whom it came from.
  struct Call {
    const RequestHead& head;
    std::string_view body;  ///< as it was sent, chunk framing included
    const PeerAddress& remote;
    const PeerAddress& local;
    bool asks_to_continue;  ///< Expect: 100-continue, not yet agreed to
  };

  /// What a handler made of it. The request is that of the memory's builder.
  struct Made {
    httplib::Response response;
    bool routed = false;  ///< by a handler, else cpp-httplib's own refusal
    /// By the handler of Expect: the body may still come, or not, so the
    /// connection is to end.
    bool refused = false;
    /// For write_plain(); nothing: only write() will do.
    std::optional<HandlerHeaders> plain;

    /// Whether the body is yet to be produced, while it is written.
    bool is_produced() const {
      return static_cast<bool>(response.content_provider_);
    }
  };

  /// Whether launch finds the handler for a request with so long a body itself.
  bool takes_fast_path(const RequestHead& head, std::size_t body_length) const;

  /// Runs the handler. Lets through what its content readers throw.
  Made make(const Call& call, ResponderMemory& memory) const;

  /// Whether the app agrees to be sent the body of a request that waits for
  /// "100 Continue"; `call` has none yet. If not, `refusal` is its response.
  bool agrees(const Call& call, ResponderMemory& memory, Made& refusal) const;

  /// Appends a response with `plain` to `output`; but a body of some KiB is
  /// moved to `body` instead, which must be empty, and comes after it.
  void write_plain(Made& made, const httplib::Request& request,
                   Persistence persistence, std::string_view date,
                   std::string& output, std::string& body) const;

  /// Writes any response as process_request() does. False when that failed;
  /// lets through what content providers and the handlers around it throw.
  bool write(Made& made, httplib::Request& request,
             httplib::Stream& stream) const;

  /// Longer bodies are moved and not copied by write_plain().
  static constexpr std::size_t kCopied = 4096;

 private:
  httplib::Response blank() const;
  bool takes_fast_path(Method method, const RequestHead& head,
                       std::size_t body_length) const;
  void run(const Call& call, httplib::Request& request, Made& made,
           ResponderMemory& memory) const;
  bool route(std::optional<Method> method, const Call& call,
             httplib::Request& request, httplib::Response& response,
             ResponderMemory& memory) const;
  bool route_fast(Method method, httplib::Request& request,
                  httplib::Response& response, ResponderMemory& memory) const;
  bool agrees(const httplib::Request& request, Made& refusal) const;
  void choose_writer(const Call& call, httplib::Request& request,
                     Made& made) const;

  HostedServer& server_;
  std::size_t compress_min_;
  std::optional<Router> router_;  ///< nothing: something is unrecorded()
  ResponseWriter writer_;
};

}  // namespace launch
