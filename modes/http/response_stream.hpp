#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "modes/http/httplib_access.hpp"
#include "modes/http/peer_address.hpp"
#include "modes/http/response_writer.hpp"

namespace launch {

/// Where a response goes when it has grown too large to be kept.
class OutputSink {
 public:
  virtual ~OutputSink() = default;
  /// Sends all of `bytes` and empties it; false when the client is gone.
  virtual bool drain(std::string& bytes) = 0;
};

/// What cpp-httplib writes one response to; there is nothing to read from it.
/// Writing appends to `output`, to be sent in one piece; only a response that
/// goes on beyond kHighWater is drained in between, and one of unknown length
/// after each part, since that may be an event for which the client waits.
///
/// The response's head is looked at: it is dated, says no length where there
/// cannot be a body (204), nor is one sent there. Whether the connection goes
/// on is said anew. cpp-httplib must be asked to say "Connection: close" each
/// time, which costs it less than the "Keep-Alive" line that it else builds
/// with a string stream; the first such line is taken for its own, and a second
/// one for the handler's wish.
class ResponseStream final : public ReadyStream {
 public:
  static constexpr std::size_t kHighWater = 1u << 20;

  ResponseStream(std::string& output, OutputSink& sink,
                 const PeerAddress& remote, const PeerAddress& local,
                 const std::atomic<bool>& closing, std::string_view date = {});

  /// What the response is to say about the connection unless the handler or a
  /// stop ends it.
  void set_persistence(Persistence persistence) { persistence_ = persistence; }
  /// What it can say by now.
  Persistence persistence() const {
    return closing_.load() ? Persistence::none : persistence_;
  }
  std::string_view date() const { return date_; }

  /// "200 OK"; empty until the head is written.
  const std::string& status() const { return status_; }
  /// Whether the response says "Connection: close", or has no other end than
  /// that of the connection.
  bool ends_connection() const { return ends_connection_; }
  /// Whether a part of the response is on its way to the client.
  bool drained() const { return drained_; }
  /// What was written behind the head.
  std::uint64_t body_bytes() const { return body_bytes_; }

  ssize_t read(char*, std::size_t) override { return -1; }
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  /// None: a library built for select() refuses one above 1023.
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view take_head(std::string_view bytes);
  void write_head(std::string_view head);
  bool write_body(std::string_view bytes);
  bool drain();

  std::string& output_;
  OutputSink& sink_;
  const PeerAddress& remote_;
  const PeerAddress& local_;
  const std::atomic<bool>& closing_;
  std::string_view date_;  ///< a whole line
  std::string partial_;    ///< of a head that is not complete
  std::string status_;
  Persistence persistence_ = Persistence::implicit;
  bool ends_connection_ = false;
  bool drained_ = false;
  bool takes_body_ = true;  ///< RFC 9110 6.4.1
  bool endless_ = false;    ///< its length is not known before its end
  std::uint64_t body_bytes_ = 0;
};

}  // namespace launch
