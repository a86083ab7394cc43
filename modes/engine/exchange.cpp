#include "modes/engine/exchange.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <ctime>

#include <fmt/core.h>

#include "modes/http/normalise.hpp"
#include "modes/log.hpp"

namespace launch {
namespace {

/// Sends a response that is too large to keep, piece by piece. It holds the
/// thread until the client has taken the piece.
class BlockingSink final : public OutputSink {
 public:
  BlockingSink(int fd, milliseconds patience)
      : fd_(fd), patience_(static_cast<int>(patience.count())) {}

  bool drain(std::string& bytes) override {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto n =
          ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n >= 0) {
        sent += static_cast<std::size_t>(n);
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return false;
      pollfd writable{fd_, POLLOUT, 0};
      if (::poll(&writable, 1, patience_) == 0) return false;
    }
    bytes.clear();
    return true;
  }

 private:
  int fd_;
  int patience_;
};

struct StatusRow {
  int status;
  std::string_view phrase;
};

/// The statuses with which the engine itself answers.
constexpr std::array kPhrases{
    StatusRow{400, "Bad Request"},
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
    if (state == MessageFramer::State::incomplete) break;

    const auto message =
        bytes.substr(framer.start(), framer.length() - framer.start());
    ++connection.requests;
    ++result.requests;
    result.close = !answer(connection, message, buffers);
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
  const bool last = closing_.load(std::memory_order_relaxed) ||
                    connection.requests >= server_.keep_alive_max_count() ||
                    !connection.framer.is_persistent();
  BlockingSink sink{connection.fd.get(), server_.write_timeout()};
  MemoryStream stream{message,
                      buffers.output,
                      sink,
                      client,
                      connection.local,
                      closing_,
                      buffers.date.at(std::time(nullptr))};
  stream.set_persistence(last ? Persistence::none
                         : connection.framer.is_http10()
                             ? Persistence::explicit_
                             : Persistence::implicit);
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
  return result.answered && !failed && !last && !result.ends &&
         !stream.ends_connection();
}

}  // namespace launch
