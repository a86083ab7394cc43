#pragma once

#include <httplib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modes/http/hosted_server.hpp"
#include "modes/http/request_builder.hpp"
#include "modes/http/response_writer.hpp"
#include "modes/http/router.hpp"

namespace launch {

/// What one thread keeps for the fast path between requests.
struct FastPathMemory {
  RequestBuilder builder;
  RouterMemory router;
};

/// Answers requests without cpp-httplib's parser, router and writer where the
/// same bytes come out: the handlers, and all that the app set around them, are
/// those of the server.
class FastPath {
 public:
  /// Reads what is registered on `server`, which must outlive it. An app of
  /// which something is unrecorded() is not served this way at all, nor is one
  /// on a release that is not kImitated.
  explicit FastPath(HostedServer& server);

  /// Whether run() will do for a request with this body length.
  bool covers(const RequestHead& head, std::size_t body_length) const;

  /// What came of a request.
  struct Result {
    bool answered = false;  ///< the response is whole
    bool ends = false;      ///< it says "Connection: close"; nothing where
                            ///< `stream` wrote it and knows
    int status = 0;         ///< 0: `stream` wrote it and knows
    std::uint64_t body_bytes = 0;
  };

  /// Runs the handler for a request that is covered and appends the response
  /// to `output`, directly or, where only cpp-httplib's writer will do, through
  /// `stream`. Lets the exceptions through that process() lets through.
  Result run(const RequestHead& head, std::string_view body,
             const PeerAddress& remote, const PeerAddress& local,
             FastPathMemory& memory, MemoryStream& stream,
             std::string& output) const;

 private:
  bool route(Method method, httplib::Request& request,
             httplib::Response& response, FastPathMemory& memory) const;

  HostedServer& server_;
  std::optional<Router> router_;  ///< nothing: covers no request
  ResponseWriter writer_;
};

}  // namespace launch
