#include "modes/engine/exchange.hpp"

#include <ctime>
#include <utility>

#include "modes/engine/refusal.hpp"
#include "modes/http/normalise.hpp"
#include "modes/log.hpp"

namespace launch {

namespace {

/// Shows the request at hand while its handler runs.
class Shown {
 public:
  explicit Shown(const ThreadBuffers& buffers) : running_(buffers.running) {
    if (running_ != nullptr)
      running_->begin(buffers.head.method, buffers.head.target);
  }
  ~Shown() {
    if (running_ != nullptr) running_->end();
  }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;

 private:
  RunningRequest* running_;
};

/// For answers that are whole in memory, and stay there.
class Kept final : public OutputSink {
 public:
  bool drain(std::string&) override { return true; }
};

}  // namespace

Exchange::Exchange(HostedServer& server, ExchangeOptions options,
                   const std::atomic<bool>& closing)
    : responder_(server, options.compress_min),
      options_(std::move(options)),
      closing_(closing) {}

ExchangeResult Exchange::consume(Connection& connection, std::string_view bytes,
                                 ThreadBuffers& buffers) const {
  ExchangeResult result;
  MessageFramer& framer = connection.framer;
  while (!result.close && !result.more && !bytes.empty()) {
    buffers.head.clear();
    const bool begun = framer.head_complete();
    const auto state = framer.feed(bytes, options_.limits, &buffers.head);
    if (state == MessageFramer::State::invalid) {
      refuse(connection, bytes, buffers);
      result.close = result.linger = true;
      break;
    }
    if (state == MessageFramer::State::incomplete) {
      if (!begun && framer.head_complete() &&
          !begin_body(connection, bytes, buffers))
        result.close = result.linger = true;
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
    result.streaming = connection.streamed != nullptr;
    const bool asks_on = !bytes.empty();
    result.linger = result.close && asks_on;
    // A client that asks on without reading waits for itself alone. And what
    // is answered in place of a timed handler must not overtake this.
    const bool much = result.streaming || !buffers.body.empty() ||
                      buffers.output.size() > ResponseStream::kHighWater ||
                      options_.ticks != nullptr;
    result.more = !result.close && asks_on && much;
    if (much) break;
  }
  if (result.close) bytes = {};
  // The bytes may lie in the very string that keeps them; and a string that is
  // only assigned to would keep the memory of the largest request.
  if (bytes.data() != connection.input.data() ||
      bytes.size() != connection.input.size())
    std::string{bytes}.swap(connection.input);
  return result;
}

ExchangeResult Exchange::go_on(Connection& connection,
                               ThreadBuffers& buffers) const {
  bool close = false;
  if (!resume(connection, buffers, close)) return {.streaming = true};
  const bool asks_on = !connection.input.empty();
  if (close) std::string{}.swap(connection.input);
  return {
      .close = close, .linger = close && asks_on, .more = !close && asks_on};
}

/// Whether the streamed answer came to its end; then whether the connection
/// comes to one too.
bool Exchange::resume(Connection& connection, ThreadBuffers& buffers,
                      bool& close) const {
  StreamedAnswer& streamed = *connection.streamed;
  streamed.resume();
  if (!streamed.finished()) return false;
  buffers.output = streamed.take_output();
  close = streamed.ends_connection();
  if (options_.log)
    options_.log->write(connection.remote, streamed.logged_head,
                        streamed.status(), streamed.body_bytes(),
                        streamed.logged_begin);
  connection.streamed.reset();
  return true;
}

/// Of bytes that are no request.
void Exchange::refuse(Connection& connection, std::string_view bytes,
                      ThreadBuffers& buffers) const {
  const MessageFramer& framer = connection.framer;
  const std::string text = refusal(framer.status(), framer.reason());
  if (options_.log)
    options_.log->write(connection.remote, bytes.substr(framer.start()),
                        framer.status(), body_bytes(text), RequestLog::begin());
  buffers.output += text;
}

/// Whether the body of the request whose head ends in `bytes` is waited for; if
/// not, what its client is told instead: since what comes of the body is not
/// kept, the connection cannot go on after that.
bool Exchange::begin_body(Connection& connection, std::string_view bytes,
                          ThreadBuffers& buffers) const {
  if (!takes(false)) {
    buffers.output += overloaded(Persistence::none, false);
    return false;
  }
  if (!connection.framer.expects_continue()) return true;
  std::string_view message =
      bytes.substr(connection.framer.start(), buffers.head.length);
  const std::string_view received = message;
  prepare(message, buffers);
  const PeerAddress& client = client_of(connection, buffers);
  Responder::Made made;
  if (responder_.agrees({buffers.head, {}, client, connection.local, true},
                        buffers.responder, made)) {
    buffers.output += "HTTP/1.1 100 Continue\r\n\r\n";
    connection.told_to_continue = true;
    return true;
  }
  const auto begin = options_.log ? RequestLog::begin() : RequestLog::Begin{};
  const Answered answered =
      write(made, buffers.responder.builder.request(), Persistence::none,
            client, connection.local, buffers);
  buffers.output += std::exchange(buffers.body, {});
  if (options_.log)
    options_.log->write(connection.remote, received, answered.status,
                        answered.body_bytes, begin);
  return false;
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

/// Returns whether the connection can go on, unless it is streaming now.
bool Exchange::answer(Connection& connection, std::string_view message,
                      ThreadBuffers& buffers) const {
  const std::string_view received = message;
  const std::size_t begin = buffers.output.size();
  const auto started = options_.log ? RequestLog::begin() : RequestLog::Begin{};
  prepare(message, buffers);
  Answered answered;
  const Shown shown{buffers};
  if (options_.ticks != nullptr)
    connection.claim.begin(options_.ticks->load(std::memory_order_relaxed),
                           buffers.head.method == "HEAD");
  try {
    answered = respond(connection, message, buffers);
  } catch (const std::exception& error) {
    // What handlers throw is caught before. These are content readers, error
    // and post-routing handlers, and loggers.
    log_error("{} {} failed: {}", buffers.head.method, buffers.head.target,
              error.what());
  } catch (...) {
    log_error("{} {} failed: an exception that is no std::exception",
              buffers.head.method, buffers.head.target);
  }
  if (connection.streamed) {
    if (options_.log) {
      connection.streamed->logged_head =
          received.substr(0, received.size() - body_bytes(received));
      connection.streamed->logged_begin = started;
    }
    bool close = false;
    resume(connection, buffers, close);
    return !close;
  }
  if (answered.status == 0 && !may_answer(connection)) answered = late();
  if (answered.status == 0) {
    const std::string text = refusal(500, "Internal Server Error");
    buffers.output.resize(begin);
    buffers.output += text;
    answered = {.status = 500, .body_bytes = body_bytes(text)};
  }
  if (options_.log)
    options_.log->write(connection.remote, received, answered.status,
                        answered.body_bytes, started);
  return !answered.close;
}

/// Whether nobody has answered in the handler's place.
bool Exchange::may_answer(Connection& connection) const {
  return options_.ticks == nullptr || connection.claim.take();
}

/// Runs the handler and writes its response, or begins to stream it.
Exchange::Answered Exchange::respond(Connection& connection,
                                     std::string_view message,
                                     ThreadBuffers& buffers) const {
  const RequestHead& head = buffers.head;
  const PeerAddress& client = client_of(connection, buffers);
  const bool asks_to_continue =
      connection.framer.expects_continue() && !connection.told_to_continue;
  Responder::Made made =
      responder_.make({head, message.substr(head.length), client,
                       connection.local, asks_to_continue},
                      buffers.responder);
  if (!may_answer(connection)) return late();
  if (made.is_produced()) {
    stream(connection, std::move(made), client, buffers);
    return {};
  }
  // Not whether the body came with the head decides what the client sees.
  const Persistence persistence =
      made.refused ? Persistence::none : persistence_of(connection);
  return write(made, buffers.responder.builder.request(), persistence, client,
               connection.local, buffers);
}

/// Writes a response that is whole in memory.
Exchange::Answered Exchange::write(Responder::Made& made,
                                   httplib::Request& request,
                                   Persistence persistence,
                                   const PeerAddress& client,
                                   const PeerAddress& local,
                                   ThreadBuffers& buffers) const {
  const std::string_view date = buffers.date.at(std::time(nullptr));
  if (made.plain) {
    const std::uint64_t size =
        request.method == "HEAD" ? 0 : made.response.body.size();
    responder_.write_plain(made, request, persistence, date, buffers.output,
                           buffers.body);
    return {persistence == Persistence::none, made.response.status, size};
  }
  Kept kept;
  ResponseStream stream{buffers.output, kept, client, local, closing_, date};
  stream.set_persistence(persistence);
  const bool whole = responder_.write(made, request, stream);
  return {!whole || stream.ends_connection(), status_code(stream.status()),
          stream.body_bytes()};
}

void Exchange::stream(Connection& connection, Responder::Made made,
                      const PeerAddress& client, ThreadBuffers& buffers) const {
  connection.streamed = std::make_unique<StreamedAnswer>(
      responder_, buffers.stacks,
      StreamedAnswer::Parts{
          .fd = connection.fd.get(),
          .made = std::move(made),
          .request = buffers.responder.builder.release(),
          .client = client,
          .local = connection.local,
          .persistence = persistence_of(connection),
          .date = std::string{buffers.date.at(std::time(nullptr))}},
      closing_);
  connection.streamed->follow(std::exchange(buffers.output, {}));
}

}  // namespace launch
