#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "modes/base/child_process.hpp"

// The built binary as a user starts it. For the end-to-end tests.

namespace launched {

using launch::Descriptor;
using launch::milliseconds;
using launch::seconds;

/// How long a test waits for what must happen. Long, since the machine may be
/// busy: it is only used up when the test fails.
inline constexpr milliseconds kPatience = seconds{20};

/// Waits until `condition()` holds; false when it did not within `limit`.
template <typename Condition>
bool until(const Condition& condition, milliseconds limit = kPatience) {
  const auto deadline = launch::Clock::now() + limit;
  while (!condition()) {
    if (launch::Clock::now() >= deadline) return false;
    ::usleep(5000);
  }
  return true;
}

/// The path of an app of tests/apps.
std::string app(const std::string& name);

std::size_t count(const std::string& text, const std::string& part);

/// On one line, with single blanks: for text that was wrapped to a width.
std::string unwrapped(const std::string& text);

struct Answer {
  int status = 0;  ///< 0 when there was none
  std::string body;
  std::string location;
  std::string error;  ///< why there was none

  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

/// One request on a connection of its own.
Answer request(int port, const std::string& method, const std::string& target,
               const std::string& body = {});

/// Stops an idle process with SIGSTOP and waits until it stands still. Killed
/// then, it holds no request, which would be lost whatever the others do.
void freeze(pid_t pid);

/// A connection to a server of ours; closed with its owner.
class Connection {
 public:
  explicit Connection(int port);

  void send(const std::string& text) const;
  /// All that comes until the server closes.
  std::string read() const;

 private:
  Descriptor socket_;
};

/// How the binary is started, where that matters.
struct Start {
  std::vector<std::string> wrapper{};  ///< argv before the binary's own
  std::vector<launch::InheritedDescriptor> descriptors{};
};

/// One run of the binary. Its standard streams are files in memory, so that it
/// never waits for a reader. Whatever it leaves behind is killed at the end.
class Program {
 public:
  /// `environment` as in ChildSpec; what `launch` reads from ours is removed.
  explicit Program(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {},
                   const Start& start = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return process_.pid(); }
  std::string out() const;
  std::string err() const;

  /// Waits until standard error holds `text` `times` times.
  bool says(const std::string& text, std::size_t times = 1) const;

  void signal(int number) const { process_.signal(number); }
  /// As a terminal does: SIGINT to the whole process group.
  void press_ctrl_c() const;

  /// Waits for the end: the exit code, or -1 when a signal ended it or it did
  /// not end at all.
  int exit_code(milliseconds limit = kPatience);

  /// Whether its first process is gone. Leaves it to exit_code().
  bool ended() const;

  /// All of its processes that are alive, whoever their parent is by now.
  std::vector<pid_t> processes() const;

 private:
  std::string mark_;  ///< a variable that all its processes inherit
  Descriptor out_;
  Descriptor err_;
  launch::ChildProcess process_;
};

/// A server, on any free port unless told otherwise, that is ready when the
/// constructor returns. Throws with what it said when it does not get ready.
class Server : public Program {
 public:
  explicit Server(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment = {},
                  const Start& start = {});

  /// The line of --ready-fd.
  const nlohmann::json& ready() const { return ready_; }
  /// Those at which it can be asked, in the order of its listeners.
  std::vector<std::string> addresses() const {
    return ready_.at("addresses").get<std::vector<std::string>>();
  }
  /// Of the first address with one.
  int port() const { return port_; }
  /// The pids of the worker processes when it got ready, by id.
  std::vector<pid_t> workers() const;

  Answer get(const std::string& target) const;
  Answer send(const std::string& method, const std::string& target,
              const std::string& body = {}) const;

  /// The workers of one line of --stats-fd, asked for now, by id.
  std::vector<nlohmann::json> stats() const;
  /// One of their counts, summed up.
  std::int64_t total(const std::string& name) const;
  /// What the server wrote there unasked, until it closed its end.
  std::string last_stats() const;

 private:
  struct Channels;
  Server(const std::vector<std::string>& arguments,
         const std::vector<std::string>& environment, const Start& start,
         Channels channels);

  Descriptor stats_;
  nlohmann::json ready_;
  int port_ = 0;
};

/// A folder that goes with its owner.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

/// The whole content of a file; empty when there is none.
std::string read_file(const std::string& path);

}  // namespace launched
