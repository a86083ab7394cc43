#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "modes/engine/fiber.hpp"
#include "modes/engine/request_log.hpp"
#include "modes/engine/responder.hpp"
#include "modes/http/response_stream.hpp"

namespace launch {

/// An answer whose body is produced while it is sent. It runs in a fiber: where
/// its client does not take what there is, the content provider's write() waits
/// and the thread goes on with other connections. Belongs to the thread that
/// made it. A provider that waits for anything else keeps the thread.
class StreamedAnswer final : private OutputSink {
 public:
  /// What it is made of; all of it is its own.
  struct Parts {
    int fd;  ///< of the client; non-blocking, and open as long as this
    Responder::Made made;
    httplib::Request request;
    PeerAddress client;
    PeerAddress local;
    Persistence persistence;
    std::string date;  ///< a whole line
  };

  /// Nothing is written yet. Throws std::bad_alloc without a stack.
  StreamedAnswer(const Responder& responder, StackPool& stacks, Parts parts,
                 const std::atomic<bool>& closing);
  /// Cancels what has not ended: then a provider sees its client gone.
  ~StreamedAnswer() override = default;
  StreamedAnswer(const StreamedAnswer&) = delete;
  StreamedAnswer& operator=(const StreamedAnswer&) = delete;

  /// Answers before it that are not sent yet; before resume().
  void follow(std::string output) { output_ = std::move(output); }

  /// Goes on until the client has to take something first, or to the end.
  void resume() { fiber_.resume(); }
  bool finished() const { return fiber_.finished(); }
  /// Bytes that the kernel took, modulo 2^32.
  std::uint32_t sent() const { return sent_; }

  // At the end.

  /// What is still to be sent.
  std::string take_output() { return std::move(output_); }
  bool ends_connection() const { return !whole_ || stream_.ends_connection(); }
  int status() const { return status_; }
  std::uint64_t body_bytes() const { return body_bytes_; }

  /// For the access log, when there is one: the request as it came, without its
  /// body.
  std::string logged_head;
  RequestLog::Begin logged_begin{};

 private:
  bool drain(std::string& bytes) override;
  void run();
  void refuse(std::size_t begin);

  const Responder& responder_;
  Parts parts_;
  std::string output_;
  ResponseStream stream_;
  std::uint32_t sent_ = 0;
  bool whole_ = false;
  int status_ = 0;
  std::uint64_t body_bytes_ = 0;
  Fiber fiber_;  ///< last: ends before what it uses
};

}  // namespace launch
