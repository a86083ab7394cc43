#include "modes/engine/exchange.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <optional>

#include <fmt/core.h>

#include "modes/engine/sweep.hpp"
#include "modes/http/normalise.hpp"
#include "modes/log.hpp"

namespace launch {
namespace {

/// Sends a response that is too large to keep, piece by piece. It holds the
/// thread until the client has taken the piece, or does not keep pace.
class BlockingSink final : public OutputSink {
 public:
  BlockingSink(int fd, Pace pace) : fd_(fd), pace_(pace) {}

  bool drain(std::string& bytes) override {
    std::size_t sent = 0;
    std::optional<Clock::time_point> since;  // set once the client is awaited
    while (sent < bytes.size()) {
      const auto n =
          ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n >= 0) {
        sent += static_cast<std::size_t>(n);
        taken_ += static_cast<std::uint32_t>(n);
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return false;
      if (!since) restart(since);
      pollfd writable{fd_, POLLOUT, 0};
      ::poll(&writable, 1, kLook);
      if (gained() >= pace_.bytes) {
        restart(since);
      } else if (Clock::now() - *since >= pace_.time) {
        drop_unsent(fd_);
        return false;
      }
    }
    bytes.clear();
    return true;
  }

 private:
  static constexpr int kLook = 1000;  // ms

  std::uint32_t gained() const { return taken_ - unacknowledged(fd_) - mark_; }
  void restart(std::optional<Clock::time_point>& since) {
    since = Clock::now();
    mark_ = taken_ - unacknowledged(fd_);
  }

  int fd_;
  Pace pace_;
  std::uint32_t taken_ = 0;  // by the kernel
  std::uint32_t mark_ = 0;   // by the client, at the last start
};

struct StatusRow {
  int status;
  std::string_view phrase;
};

/// The statuses with which the engine itself answers.
constexpr std::array kPhrases{
    StatusRow{400, "Bad Request"},
    StatusRow{408, "Request Timeout"},
    StatusRow{413, "Content Too Large"},
    StatusRow{414, "URI Too Long"},
    StatusRow{417, "Expectation Failed"},
    StatusRow{431, "Request Header Fields Too Large"},
    StatusRow{500, "Internal Server Error"},
    StatusRow{501, "Not Implemented"},
    StatusRow{505, "HTTP Version Not Supported"},
};

std::string_view phrase_of(int status) {
  for (const StatusRow& row : kPhrases)
    if (row.status == status) return row.phrase;
  return "Error";
}

}  // namespace

std::string refusal(int status, std::string_view reason) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}\n",
      status, phrase_of(status), reason.size() + 1, reason);
}

std::string overloaded(Persistence persistence, bool head_only) {
  constexpr std::string_view kReason = "too many requests are in progress\n";
  const std::string_view said =
      persistence == Persistence::none        ? "Connection: close\r\n"
      : persistence == Persistence::explicit_ ? "Connection: keep-alive\r\n"
                                              : "";
  return fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
      "Content-Type: text/plain\r\nContent-Length: {}\r\n{}\r\n{}",
      kReason.size(), said, head_only ? "" : kReason);
}

Exchange::Exchange(HostedServer& server, ExchangeOptions options,
                   const std::atomic<bool>& closing)
    : server_(server),
      fast_path_(server),
      options_(std::move(options)),
      closing_(closing) {}

ExchangeResult Exchange::consume(Connection& connection, std::string_view bytes,
                                 ThreadBuffers& buffers) const {
  ExchangeResult result;
  std::string& output = buffers.output;
  MessageFramer& framer = connection.framer;
  while (!result.close && !result.more && !bytes.empty()) {
    buffers.head.clear();
    const bool begun = framer.head_complete();
    const auto state = framer.feed(bytes, options_.limits, &buffers.head);
    if (state == MessageFramer::State::invalid) {
      const std::string text = refusal(framer.status(), framer.reason());
      if (options_.log)
        options_.log->write(connection.remote, bytes.substr(framer.start()),
                            framer.status(), body_bytes(text),
                            RequestLog::begin());
      output += text;
      result.close = result.linger = true;
      break;
    }
    if (state == MessageFramer::State::incomplete) {
      // What comes of the body is not kept, so it cannot go on after it.
      if (!begun && framer.head_complete() && !takes(false)) {
        output += overloaded(Persistence::none, false);
        result.close = result.linger = true;
      }
      break;
    }

    const auto message =
        bytes.substr(framer.start(), framer.length() - framer.start());
    ++connection.requests;
    ++result.requests;
    if (begun || takes(true)) {
      result.close = !answer(connection, message, buffers);
    } else {
      result.close = !decline(connection, message, buffers);
    }
    bytes.remove_prefix(framer.length());
    framer.reset();
    connection.told_to_continue = false;
    const bool asks_on = !bytes.empty();
    result.linger = result.close && asks_on;
    // A client that asks on without reading waits for itself alone.
    result.more =
        !result.close && asks_on && output.size() > MemoryStream::kHighWater;
  }
  if (!result.close && framer.expects_continue() && framer.head_complete() &&
      !connection.told_to_continue) {
    output += "HTTP/1.1 100 Continue\r\n\r\n";
    connection.told_to_continue = true;
  }
  if (result.close) bytes = {};
  // The bytes may lie in the very string that keeps them; and a string that is
  // only assigned to would keep the memory of the largest request.
  if (bytes.data() != connection.input.data() ||
      bytes.size() != connection.input.size())
    std::string{bytes}.swap(connection.input);
  return result;
}

/// Makes `head` that of `message`, and `message` one that handlers may get.
void Exchange::prepare(std::string_view& message,
                       ThreadBuffers& buffers) const {
  RequestHead& head = buffers.head;
  // A head that came in an earlier part is read again, where it lies now.
  if (head.empty()) MessageFramer{}.feed(message, options_.limits, &head);
  if (!needs_normalising(head)) return;
  buffers.normalised = normalised(head, message.substr(head.length));
  message = buffers.normalised;
  MessageFramer{}.feed(message, options_.limits, &head);
}

/// The peer, or whom a trusted proxy names.
const PeerAddress& Exchange::client_of(const Connection& connection,
                                       ThreadBuffers& buffers) const {
  if (!buffers.head.has_any(KnownField::forwarded)) return connection.remote;
  ForwardedFields fields;
  for (const HeaderField& field : buffers.head.fields)
    add_field(fields, field.name, field.value);
  Client client = effective_client(connection.remote.ip, connection.remote.port,
                                   fields, options_.trusted);
  buffers.client = {std::move(client.ip), client.port};
  return buffers.client;
}

/// Whether another request is taken on, here as a `whole` or not.
bool Exchange::takes(bool whole) const {
  InProgress* const all = options_.in_progress;
  if (all == nullptr) return true;
  return whole ? all->takes_request() : all->takes_body();
}

/// What the answer to the request at hand can say.
Persistence Exchange::persistence_of(const Connection& connection) const {
  const bool last = closing_.load(std::memory_order_relaxed) ||
                    connection.requests >= options_.max_requests ||
                    !connection.framer.is_persistent();
  return last                            ? Persistence::none
         : connection.framer.is_http10() ? Persistence::explicit_
                                         : Persistence::implicit;
}

/// Answers that there is too much to do. Returns whether the connection can go
/// on.
bool Exchange::decline(Connection& connection, std::string_view message,
                       ThreadBuffers& buffers) const {
  const Persistence persistence = persistence_of(connection);
  const std::string text =
      overloaded(persistence, message.starts_with("HEAD "));
  if (options_.log)
    options_.log->write(connection.remote, message, 503, body_bytes(text),
                        RequestLog::begin());
  buffers.output += text;
  return persistence != Persistence::none;
}

/// Runs the handler and writes its response. False when there is none, or half
/// of one that cannot be finished.
bool Exchange::respond(std::string_view message, const PeerAddress& client,
                       const PeerAddress& local, MemoryStream& stream,
                       ThreadBuffers& buffers, FastPath::Result& result) const {
  const RequestHead& head = buffers.head;
  const auto body = message.substr(head.length);
  try {
    if (fast_path_.covers(head, body.size())) {
      result = fast_path_.run(head, body, client, local, buffers.fast_path,
                              stream, buffers.output);
    } else {
      bool closed = false;  // what cpp-httplib thinks: see is_persistent()
      result.answered = server_.process(stream, true, closed);
    }
    return result.status != 0 || !stream.status().empty();
  } catch (const std::exception& error) {
    // cpp-httplib catches what a handler throws, but nothing later: content
    // providers, post-routing and error handlers, loggers.
    log_error("{} {} failed: {}", head.method, head.target, error.what());
  } catch (...) {
    log_error("{} {} failed: an exception that is no std::exception",
              head.method, head.target);
  }
  return false;
}

/// Returns whether the connection can go on.
bool Exchange::answer(Connection& connection, std::string_view message,
                      ThreadBuffers& buffers) const {
  const std::string_view received = message;
  prepare(message, buffers);
  const PeerAddress& client = client_of(connection, buffers);
  const Persistence persistence = persistence_of(connection);
  BlockingSink sink{connection.fd.get(), options_.write};
  MemoryStream stream{message,
                      buffers.output,
                      sink,
                      client,
                      connection.local,
                      closing_,
                      buffers.date.at(std::time(nullptr))};
  stream.set_persistence(persistence);
  const std::size_t begin = buffers.output.size();
  const auto started = options_.log ? RequestLog::begin() : RequestLog::Begin{};
  FastPath::Result result;
  const bool failed =
      !respond(message, client, connection.local, stream, buffers, result);
  const bool refused = failed && !stream.drained();
  if (refused) {
    buffers.output.resize(begin);
    buffers.output += refusal(500, "Internal Server Error");
  }
  if (options_.log) {
    if (refused)
      result = {.status = 500,
                .body_bytes =
                    body_bytes(std::string_view{buffers.output}.substr(begin))};
    else if (result.status == 0)
      result = {.answered = result.answered,
                .status = status_code(stream.status()),
                .body_bytes = stream.body_bytes()};
    options_.log->write(connection.remote, received, result.status,
                        result.body_bytes, started);
  }
  return result.answered && !failed && persistence != Persistence::none &&
         !result.ends && !stream.ends_connection();
}

}  // namespace launch
