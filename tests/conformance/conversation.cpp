#include "tests/conformance/conversation.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <thread>

#include "modes/base/clock.hpp"
#include "modes/base/descriptor.hpp"

namespace conformance {
namespace {

/// Only a failing test waits as long.
constexpr launch::seconds kLongest{20};
constexpr std::string_view kTookTooLong =
    "(the server neither sent nor closed)";

class Client {
 public:
  explicit Client(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        deadline_(launch::Clock::now() + kLongest) {
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    open_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                      sizeof address) == 0;
  }

  /// Reads what comes meanwhile, so that neither side waits for the other.
  void send(std::string_view bytes) {
    while (!bytes.empty() && open_ && wait(POLLIN | POLLOUT)) {
      if ((events_ & (POLLIN | POLLERR | POLLHUP)) != 0) receive();
      if ((events_ & POLLOUT) == 0) continue;
      const auto n = ::send(socket_.get(), bytes.data(), bytes.size(),
                            MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      if (n < 0 && errno != EAGAIN) return;
    }
  }

  void await_answer() {
    while (answer_.empty() && open_ && wait(POLLIN)) receive();
  }
  void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

  std::string take_all() {
    while (open_ && wait(POLLIN)) receive();
    return std::move(answer_);
  }

 private:
  bool wait(short events) {
    const auto left = std::chrono::duration_cast<launch::milliseconds>(
        deadline_ - launch::Clock::now());
    pollfd entry{socket_.get(), events, 0};
    if (left.count() <= 0 ||
        ::poll(&entry, 1, static_cast<int>(left.count())) != 1) {
      answer_ += kTookTooLong;
      open_ = false;
    }
    events_ = entry.revents;
    return open_;
  }

  void receive() {
    std::array<char, 65'536> buffer;
    const auto n =
        ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) answer_.append(buffer.data(), static_cast<std::size_t>(n));
    if (n == 0 || (n < 0 && errno != EAGAIN)) open_ = false;
  }

  launch::Descriptor socket_;
  launch::Clock::time_point deadline_;
  bool open_ = false;
  short events_ = 0;
  std::string answer_;
};

}  // namespace

std::string converse(std::uint16_t port, const Entry& entry, Ending ending,
                     Writes writes) {
  Client client{port};
  for (const Piece& piece : entry.pieces) {
    if (piece.after_answer) client.await_answer();
    if (entry.each_byte || writes == Writes::each_byte) {
      for (std::size_t i = 0; i < piece.bytes.size(); ++i)
        client.send(std::string_view{piece.bytes}.substr(i, 1));
    } else {
      client.send(piece.bytes);
    }
  }
  if (ending == Ending::half_close) client.finish_sending();
  return client.take_all();
}

std::vector<std::string> converse_all(std::uint16_t port,
                                      const std::vector<Entry>& entries,
                                      Ending ending, Writes writes,
                                      std::size_t at_once) {
  std::vector<std::string> answers(entries.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < at_once; ++i)
    clients.emplace_back([&] {
      for (std::size_t at = 0; (at = next++) < entries.size();)
        answers[at] = converse(port, entries[at], ending, writes);
    });
  for (std::thread& client : clients) client.join();
  return answers;
}

std::string comparable(std::string answer) {
  constexpr std::string_view kInterim = "HTTP/1.1 100 Continue\r\n\r\n";
  constexpr std::string_view kDate = "\r\nDate: ";
  constexpr std::string_view kBoundary = "multipart/byteranges; boundary=";
  while (answer.starts_with(kInterim)) answer.erase(0, kInterim.size());
  for (auto at = answer.find(kDate); at != std::string::npos;
       at = answer.find(kDate, at))
    answer.erase(at, answer.find("\r\n", at + 2) - at);
  const auto named = answer.find(kBoundary);
  if (named == std::string::npos) return answer;
  const auto begin = named + kBoundary.size();
  const std::string boundary =
      answer.substr(begin, answer.find("\r\n", begin) - begin);
  for (auto at = answer.find(boundary); at != std::string::npos;
       at = answer.find(boundary, at))
    answer.replace(at, boundary.size(), "BOUNDARY");
  return answer;
}

std::vector<int> statuses_of(const std::string& answer) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  std::vector<int> statuses;
  for (auto at = answer.find(kVersion); at != std::string::npos;
       at = answer.find(kVersion, at + 1)) {
    int status = 0;
    const char* const digits = answer.data() + at + kVersion.size();
    const auto read =
        std::from_chars(digits, answer.data() + answer.size(), status);
    if (read.ptr == digits + 3) statuses.push_back(status);
  }
  return statuses;
}

}  // namespace conformance
