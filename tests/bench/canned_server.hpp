#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "modes/base/descriptor.hpp"

namespace launch::bench {

/// A socket that listens on a free port of 127.0.0.1.
inline Descriptor listen_locally(std::uint16_t& port) {
  Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(listener.get(), generic, length) != 0 ||
      ::listen(listener.get(), 64) != 0 ||
      ::getsockname(listener.get(), generic, &length) != 0)
    throw std::runtime_error("the test cannot listen");
  port = ntohs(address.sin_port);
  return listener;
}

/// A thread that gives every request the same reply, well-formed or not.
class CannedServer {
 public:
  struct Reply {
    std::string bytes;
    bool close = false;      ///< the connection, after the reply
    std::string greeting{};  ///< sent to a new connection before its request
  };

  explicit CannedServer(Reply reply)
      : reply_(std::move(reply)),
        listener_(listen_locally(port_)),
        thread_([this] { run(); }) {}

  ~CannedServer() {
    stopped_ = true;
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  int accepted() const { return accepted_; }
  int requests() const { return requests_; }

 private:
  void run() {
    while (!stopped_) {
      std::vector<pollfd> watched{{listener_.get(), POLLIN, 0}};
      for (const auto& [fd, peer] : peers_) watched.push_back({fd, POLLIN, 0});
      ::poll(watched.data(), watched.size(), 10);
      for (std::size_t i = 1; i < watched.size(); ++i)
        if (watched[i].revents != 0) read(watched[i].fd);
      if (watched[0].revents != 0) accept();
    }
  }

  void accept() {
    Descriptor socket(::accept(listener_.get(), nullptr, nullptr));
    ++accepted_;
    send(socket.get(), reply_.greeting);
    const int fd = socket.get();
    peers_[fd].socket = std::move(socket);
  }

  void read(int fd) {
    std::string& input = peers_[fd].input;
    char buffer[65536];
    const ssize_t received = ::recv(fd, buffer, sizeof buffer, 0);
    if (received <= 0) {
      peers_.erase(fd);
      return;
    }
    input.append(buffer, static_cast<std::size_t>(received));
    const std::size_t head = input.find("\r\n\r\n");
    if (head == input.npos || input.size() < head + 4 + length_of(input))
      return;
    input.clear();
    ++requests_;
    send(fd, reply_.bytes);
    if (reply_.close) peers_.erase(fd);
  }

  static std::size_t length_of(const std::string& input) {
    constexpr std::string_view kName = "Content-Length: ";
    const std::size_t at = input.find(kName);
    return at == input.npos
               ? 0
               : std::strtoul(input.c_str() + at + kName.size(), nullptr, 10);
  }

  static void send(int fd, const std::string& bytes) {
    [[maybe_unused]] const auto sent =
        ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  struct Peer {
    Descriptor socket;
    std::string input;
  };

  const Reply reply_;
  std::uint16_t port_ = 0;
  Descriptor listener_;
  std::map<int, Peer> peers_;
  std::atomic<bool> stopped_{false};
  std::atomic<int> accepted_{0};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace launch::bench
