#include "modes/http/response_stream.hpp"

#include <algorithm>

#include "modes/http/field.hpp"

namespace launch {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kClose = "Connection: close\r\n";
constexpr std::string_view kKeepAlive = "Connection: keep-alive\r\n";

}  // namespace

ResponseStream::ResponseStream(std::string& output, OutputSink& sink,
                               const PeerAddress& remote,
                               const PeerAddress& local,
                               const std::atomic<bool>& closing,
                               std::string_view date)
    : output_(output),
      sink_(sink),
      remote_(remote),
      local_(local),
      closing_(closing),
      date_(date) {}

ssize_t ResponseStream::write(const char* from, std::size_t size) {
  std::string_view bytes{from, size};
  if (status_.empty()) bytes = take_head(bytes);
  return bytes.empty() || write_body(bytes) ? static_cast<ssize_t>(size) : -1;
}

/// Some releases of cpp-httplib write a head in one piece, others a part of it
/// or a body with it. Returns what stands behind the head.
std::string_view ResponseStream::take_head(std::string_view bytes) {
  if (!partial_.empty()) bytes = partial_ += bytes;
  const auto end = bytes.find(kHeadEnd);
  if (end == bytes.npos) {
    partial_ = std::string{bytes};
    return {};
  }
  const auto head = bytes.substr(0, end + kHeadEnd.size());
  write_head(head);
  return bytes.substr(head.size());
}

bool ResponseStream::write_body(std::string_view bytes) {
  if (!takes_body_) return true;
  // Draining before and not after: a response in one large piece is kept
  // whole.
  if (output_.size() > kHighWater && !drain()) return false;
  output_ += bytes;
  body_bytes_ += bytes.size();
  // Of a response without length each part may be an event to be seen now.
  return !endless_ || drain();
}

bool ResponseStream::drain() {
  drained_ = true;
  return sink_.drain(output_);
}

void ResponseStream::write_head(std::string_view head) {
  const std::size_t head_end = head.size() - kLineEnd.size();
  const auto status_end = head.find(kLineEnd) + kLineEnd.size();
  status_ = head.substr(0, status_end - kLineEnd.size());
  status_.erase(0, status_.find(' ') + 1);  // "HTTP/1.1 "
  const bool no_content = status_.starts_with("204");
  takes_body_ = !no_content && !status_.starts_with("304");

  output_ += head.substr(0, status_end);
  const std::size_t date_at = output_.size();
  std::size_t connection_at = std::string::npos;  // in the output
  bool says_date = false;
  bool handler_closes = false;
  bool says_length = !takes_body_;
  bool chunked = false;
  for (std::size_t at = status_end, end = 0; at < head_end; at = end) {
    end = head.find(kLineEnd, at) + kLineEnd.size();
    const auto line = head.substr(at, end - at);
    const auto colon = std::min(line.find(':'), line.size());
    const auto name = line.substr(0, colon);
    if (connection_at == std::string::npos && line == kClose) {
      connection_at = output_.size();  // cpp-httplib's own: said anew below
      continue;
    }
    const bool is_length = same_word(name, "Content-Length");
    if (is_length && no_content) continue;
    says_length |= is_length;
    chunked |= same_word(name, "Transfer-Encoding");
    says_date |= same_word(name, "Date");
    if (same_word(name, "Connection"))
      handler_closes |=
          lists_word(line.substr(colon + 1, line.size() - colon - 3), "close");
    output_ += line;
  }
  endless_ = !says_length;
  ends_connection_ = handler_closes || (endless_ && !chunked) ||
                     persistence() == Persistence::none;
  output_ += kLineEnd;
  const bool says_close = ends_connection_ && !handler_closes;
  const bool says_on =
      !ends_connection_ && persistence_ == Persistence::explicit_;
  if (says_close || says_on)
    output_.insert(std::min(connection_at, output_.size() - kLineEnd.size()),
                   says_close ? kClose : kKeepAlive);
  if (!says_date) output_.insert(date_at, date_);
}

void ResponseStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = remote_.ip;
  port = remote_.port;
}

void ResponseStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip = local_.ip;
  port = local_.port;
}

}  // namespace launch
