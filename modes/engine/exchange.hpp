#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "modes/engine/connection.hpp"
#include "modes/engine/deadlines.hpp"
#include "modes/engine/fast_path.hpp"
#include "modes/engine/in_progress.hpp"
#include "modes/engine/request_log.hpp"
#include "modes/http/date.hpp"
#include "modes/http/hosted_server.hpp"

namespace launch {

/// What one handler thread keeps between requests.
struct ThreadBuffers {
  std::string input = std::string(65'536, '\0');  ///< what one recv may bring
  std::string output;                             ///< answers, before the send
  RequestHead head;                               ///< of the request at hand
  std::string normalised;  ///< that request, if it may not stay as it was
  PeerAddress client;      ///< its sender, if a proxy names another
  DateLine date;
  FastPathMemory fast_path;
};

/// What the bytes of a client lead to.
struct ExchangeResult {
  std::size_t requests = 0;  ///< answered
  bool close = false;        ///< after the output is sent
  bool linger = false;       ///< before closing: the client is still sending
  bool more = false;         ///< `connection.input` may hold whole requests,
                             ///< for when the output is sent
};

/// Settings of an exchange that do not change while it serves.
struct ExchangeOptions {
  FramingLimits limits;
  std::size_t max_requests = 1'000'000;  ///< answered on one connection
  Pace write{seconds{30}};               ///< of answers that hold their thread
  InProgress* in_progress = nullptr;     ///< refuses some; nothing: none
  RequestLog* log = nullptr;             ///< none: not logged
  TrustedPeers trusted;  ///< whose word on the client's address counts
};

/// Cuts received bytes into requests, has each answered, and appends the
/// answers to one output. No system calls but those of handlers and of
/// responses beyond MemoryStream::kHighWater.
class Exchange {
 public:
  /// Once `closing` is set, from any thread, the next answer ends its
  /// connection.
  Exchange(HostedServer& server, ExchangeOptions options,
           const std::atomic<bool>& closing);

  /// Consumes `bytes`, which begin where the connection's current request
  /// begins, and appends the answers to `buffers.output`; what is not answered
  /// now is left in `connection.input`.
  ExchangeResult consume(Connection& connection, std::string_view bytes,
                         ThreadBuffers& buffers) const;

 private:
  bool takes(bool whole) const;
  Persistence persistence_of(const Connection& connection) const;
  const PeerAddress& client_of(const Connection& connection,
                               ThreadBuffers& buffers) const;
  void prepare(std::string_view& message, ThreadBuffers& buffers) const;
  bool decline(Connection& connection, std::string_view message,
               ThreadBuffers& buffers) const;
  bool respond(std::string_view message, const PeerAddress& client,
               const PeerAddress& local, MemoryStream& stream,
               ThreadBuffers& buffers, FastPath::Result& result) const;
  bool answer(Connection& connection, std::string_view message,
              ThreadBuffers& buffers) const;

  HostedServer& server_;
  FastPath fast_path_;
  ExchangeOptions options_;
  const std::atomic<bool>& closing_;
};

/// A complete response that refuses a request and ends the connection.
std::string refusal(int status, std::string_view reason);

/// The response to a request that comes while too many are in progress.
/// `persistence` is that of its connection; `head_only`: the request is a HEAD.
std::string overloaded(Persistence persistence, bool head_only);

}  // namespace launch
