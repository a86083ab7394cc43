#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "modes/engine/connection.hpp"
#include "modes/engine/in_progress.hpp"
#include "modes/engine/request_log.hpp"
#include "modes/engine/responder.hpp"
#include "modes/engine/stack_pool.hpp"
#include "modes/http/date.hpp"
#include "modes/http/hosted_server.hpp"
#include "modes/supervisor/seat.hpp"

namespace launch {

/// What one handler thread keeps between requests.
struct ThreadBuffers {
  std::size_t thread = 0;             ///< whose, counted from 0
  RunningRequest* running = nullptr;  ///< to show what it works on; or none
  StackPool stacks;                   ///< first: what runs on them goes before
  std::string input = std::string(65'536, '\0');  ///< what one recv may bring
  std::string output;                             ///< answers, before the send
  std::string
      body;  ///< of the last answer, if it is large; sent after `output`
  RequestHead head;        ///< of the request at hand
  std::string normalised;  ///< that request, if it may not stay as it was
  PeerAddress client;      ///< its sender, if a proxy names another
  DateLine date;
  ResponderMemory responder;
};

/// What the bytes of a client lead to.
struct ExchangeResult {
  std::size_t requests = 0;  ///< answered
  bool close = false;        ///< after the output is sent
  bool linger = false;       ///< before closing: the client is still sending
  bool more = false;         ///< `connection.input` may hold whole requests,
                             ///< for when the output is sent
  bool streaming = false;    ///< `connection.streamed` waits for its client
};

/// Settings of an exchange that do not change while it serves.
struct ExchangeOptions {
  FramingLimits limits;
  std::size_t max_requests = 1'000'000;  ///< answered on one connection
  InProgress* in_progress = nullptr;     ///< refuses some; nothing: none
  RequestLog* log = nullptr;             ///< none: not logged
  TrustedPeers trusted;          ///< whose word on the client's address counts
  std::size_t compress_min = 1;  ///< bytes of an answer that is compressed
  /// Seconds, by which handlers are timed (AnswerClaim); nothing: they are not.
  const std::atomic<std::uint32_t>* ticks = nullptr;
};

/// Cuts received bytes into requests, has each answered, and appends the
/// answers to one output. No system calls but those of handlers and of answers
/// that are produced while they are sent.
class Exchange {
 public:
  /// Once `closing` is set, from any thread, the next answer ends its
  /// connection.
  Exchange(HostedServer& server, ExchangeOptions options,
           const std::atomic<bool>& closing);

  /// Consumes `bytes`, which begin where the connection's current request
  /// begins, and appends the answers to `buffers.output`, the last one's body
  /// to `buffers.body` where it is large; what is not answered now is left in
  /// `connection.input`.
  ExchangeResult consume(Connection& connection, std::string_view bytes,
                         ThreadBuffers& buffers) const;

  /// Goes on with `connection.streamed`, in the thread that began it. At its
  /// end the rest of it is put into `buffers.output`.
  ExchangeResult go_on(Connection& connection, ThreadBuffers& buffers) const;

 private:
  /// What came of one request.
  struct Answered {
    bool close = true;
    int status = 0;
    std::uint64_t body_bytes = 0;
  };
  /// The client was told by another thread.
  static Answered late() { return {.status = 504}; }

  bool resume(Connection& connection, ThreadBuffers& buffers,
              bool& close) const;
  void refuse(Connection& connection, std::string_view bytes,
              ThreadBuffers& buffers) const;
  bool begin_body(Connection& connection, std::string_view bytes,
                  ThreadBuffers& buffers) const;
  bool takes(bool whole) const;
  Persistence persistence_of(const Connection& connection) const;
  const PeerAddress& client_of(const Connection& connection,
                               ThreadBuffers& buffers) const;
  void prepare(std::string_view& message, ThreadBuffers& buffers) const;
  bool decline(Connection& connection, std::string_view message,
               ThreadBuffers& buffers) const;
  bool answer(Connection& connection, std::string_view message,
              ThreadBuffers& buffers) const;
  bool may_answer(Connection& connection) const;
  Answered respond(Connection& connection, std::string_view message,
                   ThreadBuffers& buffers) const;
  Answered write(Responder::Made& made, httplib::Request& request,
                 Persistence persistence, const PeerAddress& client,
                 const PeerAddress& local, ThreadBuffers& buffers) const;
  void stream(Connection& connection, Responder::Made made,
              const PeerAddress& client, ThreadBuffers& buffers) const;

  Responder responder_;
  ExchangeOptions options_;
  const std::atomic<bool>& closing_;
};

}  // namespace launch
