#include "modes/http/memory_stream.hpp"

#include <algorithm>
#include <cstring>

#include "modes/http/field.hpp"

namespace launch {
namespace {

constexpr std::string_view kInterim = "HTTP/1.1 100 ";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kClose = "Connection: close";
constexpr std::string_view kKeepAlive = "Connection: keep-alive";

}  // namespace

MemoryStream::MemoryStream(std::string_view message, std::string& output,
                           OutputSink& sink, const PeerAddress& remote,
                           const PeerAddress& local,
                           const std::atomic<bool>& closing)
    : unread_(message),
      output_(output),
      sink_(sink),
      remote_(remote),
      local_(local),
      closing_(closing) {}

ssize_t MemoryStream::read(char* to, std::size_t size) {
  // cpp-httplib reads the head byte by byte.
  if (size == 1 && !unread_.empty()) {
    *to = unread_.front();
    unread_.remove_prefix(1);
    return 1;
  }
  const std::size_t count = std::min(size, unread_.size());
  std::memcpy(to, unread_.data(), count);
  unread_.remove_prefix(count);
  return static_cast<ssize_t>(count);
}

ssize_t MemoryStream::write(const char* from, std::size_t size) {
  const std::string_view bytes{from, size};
  // cpp-httplib writes each head in one piece.
  if (status_.empty()) {
    if (!bytes.starts_with(kInterim)) write_head(bytes);
    return static_cast<ssize_t>(size);
  }
  // Draining before and not after: a response in one large piece is kept
  // whole and waits for its client without holding the thread.
  if (output_.size() > kHighWater) {
    drained_ = true;
    if (!sink_.drain(output_)) return -1;
  }
  output_ += bytes;
  body_bytes_ += size;
  return static_cast<ssize_t>(size);
}

void MemoryStream::write_head(std::string_view head) {
  const auto status_end = head.find(kLineEnd);
  status_ = head.substr(0, status_end);
  status_.erase(0, status_.find(' ') + 1);  // "HTTP/1.1 "

  bool handler_closes = false;
  bool says_length = false;
  std::size_t own = head.size() - kLineEnd.size();  // cpp-httplib's own line
  std::size_t own_end = own;
  std::size_t begin = status_end + kLineEnd.size();
  for (std::size_t end = 0; begin < head.size();
       begin = end + kLineEnd.size()) {
    end = std::min(head.find(kLineEnd, begin), head.size());
    const auto line = head.substr(begin, end - begin);
    const auto colon = std::min(line.find(':'), line.size());
    const auto name = line.substr(0, colon);
    if (line == kClose && own == own_end) {
      own = begin;
      own_end = end + kLineEnd.size();
    } else if (same_word(name, "Connection")) {
      handler_closes |= lists_word(line.substr(colon + 1), "close");
    } else if (same_word(name, "Content-Length") ||
               same_word(name, "Transfer-Encoding")) {
      says_length = true;
    }
  }
  ends_connection_ = handler_closes || !says_length || closing_.load() ||
                     persistence_ == Persistence::none;
  output_ += head.substr(0, own);
  if (ends_connection_ && !handler_closes)
    output_.append(kClose).append(kLineEnd);
  else if (!ends_connection_ && persistence_ == Persistence::explicit_)
    output_.append(kKeepAlive).append(kLineEnd);
  output_ += head.substr(own_end);
}

void MemoryStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = remote_.ip;
  port = remote_.port;
}

void MemoryStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip = local_.ip;
  port = local_.port;
}

}  // namespace launch
