#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "tests/support/launched.hpp"
#include "tests/support/raw_client.hpp"

namespace launched {

/// Requests on fresh connections, one after the other, until told to stop.
class SteadyClient {
 public:
  explicit SteadyClient(const Server& server, std::string target = "/whoami")
      : server_(server) {
    thread_ = std::thread([this, target] {
      while (!stop_) {
        const Answer answer = server_.get(target);
        ++requests_;
        if (answer.status != 200) first_error_ = answer.error + '!';
      }
    });
  }
  ~SteadyClient() { stop(); }

  std::size_t requests() const { return requests_; }
  /// Empty when every request was answered.
  std::string stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return first_error_;
  }

 private:
  const Server& server_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> requests_{0};
  std::string first_error_;
  std::thread thread_;
};

/// Requests on one connection as long as the server keeps it, then on another.
class KeptClient {
 public:
  explicit KeptClient(const Server& server) : port_(server.port()) {
    thread_ = std::thread([this] {
      while (!stop_) run();
    });
  }
  ~KeptClient() { stop(); }

  std::size_t requests() const { return requests_; }
  std::string stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return first_error_;
  }

 private:
  void run() {
    RawClient client{static_cast<std::uint16_t>(port_)};
    while (!stop_) {
      const std::string answer = client.get("/whoami");
      ++requests_;
      if (!answer.starts_with("HTTP/1.1 200 OK"))
        first_error_ = "no answer on a kept connection: " + answer;
      if (answer.find("Connection: close") != std::string::npos) return;
      if (!first_error_.empty()) return;
    }
  }

  int port_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> requests_{0};
  std::string first_error_;
  std::thread thread_;
};

}  // namespace launched
