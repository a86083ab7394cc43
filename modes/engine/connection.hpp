#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "modes/base/descriptor.hpp"
#include "modes/engine/answer_claim.hpp"
#include "modes/engine/source.hpp"
#include "modes/engine/streamed_answer.hpp"
#include "modes/http/message_framer.hpp"
#include "modes/http/peer_address.hpp"

namespace launch {

/// What a connection waits for. Decides how long it may.
enum class Waiting : std::uint8_t {
  first,    ///< new: for the first byte of its first request
  request,  ///< idle: for the first byte of another one
  head,     ///< for the rest of a request's head
  body,     ///< for the rest of its body
  handler,  ///< for our own answer
  client,   ///< for the client to take the rest of an answer
  end,      ///< refused: for the client to see it and close
  late,     ///< refused as too slow, not read any more: to see it
};

/// Who has a connection: see Dispatcher.
enum class Turn : std::uint8_t {
  idle,   ///< nobody, and nothing came
  taken,  ///< a thread, or the queue for one
  again,  ///< the same, and something came that it may not have seen
};

/// One accepted client. Keeps no buffer while it is idle.
struct Connection : Source {
  Connection() : Source(Kind::connection) {}

  std::atomic<Turn> turn{Turn::idle};
  /// The one thread that may serve it now. Only who has the turn changes it.
  static constexpr std::size_t kAnyThread = static_cast<std::size_t>(-1);
  std::atomic<std::size_t> owner{kAnyThread};
  /// Nothing comes after what the socket holds now.
  std::atomic<bool> ended{false};

  AnswerClaim claim;  ///< where handlers are timed

  Descriptor fd;
  PeerAddress remote;
  PeerAddress local;

  std::string input;                         ///< of an incomplete request
  MessageFramer framer;                      ///< of that request
  std::unique_ptr<StreamedAnswer> streamed;  ///< one that waits for its client
  std::string output;        ///< not yet taken by the client ...
  std::size_t sent = 0;      ///< ... beyond its first bytes
  std::size_t requests = 0;  ///< answered on this connection
  bool unread = false;       ///< the socket may hold more than was received
  bool told_to_continue = false;
  bool close_after_output = false;
  bool linger_after_output = false;

  /// Read by the sweep of another thread.
  std::atomic<Waiting> waiting{Waiting::first};
  std::atomic<std::uint32_t> since{0};  ///< tick at which `waiting` began, or
                                        ///< last kept pace
  /// Bytes of the body that came or of the answer that the kernel took, modulo
  /// 2^32, now and at `since`.
  std::atomic<std::uint32_t> progress{0};
  std::atomic<std::uint32_t> mark{0};

  std::size_t index = 0;  ///< in the registry
};

}  // namespace launch
