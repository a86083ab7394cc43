#pragma once

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "modes/http/hosted_server.hpp"

/// The bytes of one request in, those of its response out; no socket.
class MemoryStream : public launch::ReadyStream {
 public:
  explicit MemoryStream(std::string input) : input_(std::move(input)) {}

  const std::string& output() const { return output_; }

  bool is_readable() const override { return position_ < input_.size(); }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t count = std::min(size, input_.size() - position_);
    std::memcpy(to, input_.data() + position_, count);
    position_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, std::size_t size) override {
    output_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = "127.0.0.1";
    port = 50000;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip = "127.0.0.1";
    port = 8000;
  }
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string input_;
  std::size_t position_ = 0;
  std::string output_;
};

struct Answer {
  int status = 0;    ///< 0 when there was no answer
  std::string head;  ///< with the status line
  std::string body;

  /// The value of a header; empty when there is none.
  std::string header(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

/// What `server` answers to one request.
inline Answer ask(launch::HostedServer& server, const std::string& method,
                  const std::string& target, const std::string& body = {},
                  const std::string& content_type = "application/json") {
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: test\r\n";
  if (!body.empty())
    text += "Content-Type: " + content_type +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  MemoryStream stream(text + "\r\n" + body);
  bool closed = false;
  launch::process(server, stream, false, closed);

  Answer answer;
  const std::string& output = stream.output();
  const auto end = output.find("\r\n\r\n");
  if (end == std::string::npos) return answer;
  answer.head = output.substr(0, end + 2);
  answer.body = output.substr(end + 4);
  answer.status = std::stoi(output.substr(output.find(' ') + 1));
  return answer;
}
