#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/observer.hpp"
#include "bench/load/request.hpp"
#include "bench/load/response_parser.hpp"
#include "modes/base/descriptor.hpp"

namespace launch::bench {

/// Where the server is.
struct Endpoint {
  std::string name;  ///< "127.0.0.1:8000"
  sockaddr_storage address{};
  socklen_t length = 0;
};

/// Throws std::invalid_argument when `host` is neither an address nor a name
/// that can be resolved.
Endpoint resolve(const std::string& host, std::uint16_t port);

/// One connection with at most one request in flight. It does the system
/// calls and never waits; its owner waits on the epoll descriptor, in which
/// the connection is registered once, edge-triggered, for all events, with
/// its own address as data.
class Connection {
 public:
  /// What a step led to: wait for an event; connected, so send a request; the
  /// answer is complete; it failed, see error().
  enum class Step { pending, connected, answered, failed };

  /// `buffer` is scratch space, which connections of one thread share.
  Connection(const Endpoint& endpoint, int epoll, std::vector<char>& buffer)
      : endpoint_(endpoint), epoll_(epoll), buffer_(buffer) {}

  /// Begins a connection. Throws std::system_error when there is no
  /// descriptor left.
  Step open();

  /// Sends `request`, which must outlive its answer.
  Step send(const Request& request);

  /// Goes on after epoll reported `events`.
  Step on_events(std::uint32_t events);

  /// Gives up what is going on because its time is over.
  Step time_out();

  /// After `answered`: keeps the connection without a request until the next
  /// send(). If the peer closes it meanwhile, is_closed() tells.
  void rest() { state_ = State::resting; }

  void close() { state_ = State::closed, socket_.reset(); }

  bool is_closed() const { return state_ == State::closed; }
  bool is_resting() const { return state_ == State::resting; }
  bool is_waiting() const {
    return state_ == State::writing || state_ == State::waiting;
  }

  /// After `answered`: whether another request may be sent.
  bool is_reusable() const {
    return parser_.keep_alive() && !peer_closed_ && state_ == State::waiting;
  }
  /// Since open().
  bool has_answered() const { return has_answered_; }
  int status() const { return parser_.status(); }

  /// After `failed`: what kind of failure.
  ErrorKind error() const { return error_; }

  /// One sentence on the failure, or on the status that was answered, with
  /// what was received.
  std::string describe_failure() const;
  std::string describe_status() const;

 private:
  enum class State { closed, connecting, writing, waiting, resting };

  void watch(int operation);
  Step finish_connecting(std::uint32_t events);
  Step write();
  Step read();
  Step parsed(ResponseParser::Progress progress, ErrorKind failure);
  Step fail(ErrorKind kind, int error_number);

  const Endpoint& endpoint_;
  const int epoll_;
  std::vector<char>& buffer_;
  Descriptor socket_;
  State state_ = State::closed;
  ErrorKind error_ = ErrorKind::connect;
  bool peer_closed_ = false;
  bool unread_ = false;  ///< something came before the request was sent
  bool has_answered_ = false;
  int error_number_ = 0;
  std::size_t written_ = 0;
  const Request* request_ = nullptr;
  ResponseParser parser_;
};

}  // namespace launch::bench
