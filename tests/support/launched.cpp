#include "tests/support/launched.hpp"

#include <fcntl.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "modes/base/sanitizer.hpp"

#ifdef LAUNCH_THREAD_SANITIZER
// The tests' own client is cpp-httplib's, whose library is not instrumented:
// what guards its function-local statics goes unseen.
extern "C" const char* __tsan_default_suppressions() {
  return "race:libcpp-httplib.so\n";
}
#endif

namespace launched {
namespace {

namespace fs = std::filesystem;
using launch::ChildSpec;
using launch::InheritedDescriptor;

// Beyond those that a test may want to pass.
constexpr int kReadyFd = 100;
constexpr int kStatsFd = 101;

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

Descriptor memory_file(const char* name) {
  Descriptor file{::memfd_create(name, MFD_CLOEXEC)};
  // Several processes write to it at once.
  if (!file || ::fcntl(file.get(), F_SETFL, O_APPEND) != 0)
    fail("memfd_create");
  return file;
}

/// From its start, wherever its writers are.
std::string content(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail("fstat");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

std::string read_all(int socket) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t size = 0;
       (size = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(size));
  return text;
}

std::string new_mark() {
  static std::atomic<int> last{0};
  return "LAUNCHED_BY=" + std::to_string(::getpid()) + "-" +
         std::to_string(++last);
}

std::vector<std::string> environment_with(
    const std::vector<std::string>& changes, const std::string& mark) {
  std::vector<std::string> result{
      "FORWARDED_ALLOW_IPS", "LAUNCH_MODE",     "LAUNCH_WORKERS",
      "LAUNCH_HOST",         "LAUNCH_PORT",     "PORT",
      "LAUNCH_LOG_LEVEL",    "WEB_CONCURRENCY", "NO_COLOR",
      "LAUNCH_BIND",         "LISTEN_PID",      "LISTEN_FDS",
      "LISTEN_FDNAMES",      "NOTIFY_SOCKET",   "WATCHDOG_USEC",
      "WATCHDOG_PID",        "LAUNCH_CONTROL",  "XDG_RUNTIME_DIR"};
  result.insert(result.end(), changes.begin(), changes.end());
  result.push_back(mark);
  return result;
}

ChildSpec spec(const std::vector<std::string>& arguments,
               std::vector<std::string> environment,
               std::vector<InheritedDescriptor> descriptors,
               const Start& start) {
  descriptors.insert(descriptors.end(), start.descriptors.begin(),
                     start.descriptors.end());
  ChildSpec result;
  result.argv = start.wrapper;
  result.argv.emplace_back(LAUNCH_BINARY);
  result.argv.insert(result.argv.end(), arguments.begin(), arguments.end());
  result.descriptors = std::move(descriptors);
  result.environment = std::move(environment);
  result.own_process_group = true;
  result.death_signal = SIGTERM;  // should the test itself be killed
  return result;
}

/// The environment of a process that has ended, but was not reaped, is empty.
bool has_mark(const fs::path& process, const std::string& mark) {
  std::string environment = read_file(process / "environ");
  environment.insert(0, 1, '\0');
  return environment.find('\0' + mark + '\0') != std::string::npos;
}

}  // namespace

std::string app(const std::string& name) {
  return std::string(LAUNCH_TEST_APPS) + '/' + name + ".so";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size()))
    ++found;
  return found;
}

std::string unwrapped(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;)
    line += (line.empty() ? "" : " ") + word;
  return line;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Answer request(int port, const std::string& method, const std::string& target,
               const std::string& body) {
  httplib::Client client("127.0.0.1", port);
  client.set_connection_timeout(10);
  client.set_read_timeout(20);
  httplib::Request asked;
  asked.method = method;
  asked.path = target;
  asked.body = body;
  if (!body.empty()) asked.set_header("Content-Type", "application/json");
  const httplib::Result result = client.send(asked);
  Answer answer;
  if (result) {
    answer.status = result->status;
    answer.body = result->body;
    answer.location = result->get_header_value("Location");
  } else {
    answer.error = httplib::to_string(result.error());
  }
  return answer;
}

void freeze(pid_t pid) {
  ::kill(pid, SIGSTOP);
  const std::string status = "/proc/" + std::to_string(pid) + "/status";
  if (!until([&] { return count(read_file(status), "State:\tT") == 1; }))
    throw std::runtime_error("a process does not stop");
}

Connection::Connection(int port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                sizeof(address)) != 0)
    fail("connect");
}

void Connection::send(const std::string& text) const {
  if (::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(text.size()))
    fail("send");
}

std::string Connection::read() const { return read_all(socket_.get()); }

Program::Program(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment,
                 const Start& start)
    : mark_(new_mark()),
      out_(memory_file("stdout")),
      err_(memory_file("stderr")),
      process_(spec(arguments, environment_with(environment, mark_),
                    {{out_.get(), STDOUT_FILENO}, {err_.get(), STDERR_FILENO}},
                    start)) {}

Program::~Program() {
  for (const pid_t pid : processes()) ::kill(pid, SIGKILL);
  process_.wait_for(kPatience);
}

std::string Program::out() const { return content(out_); }
std::string Program::err() const { return content(err_); }

bool Program::says(const std::string& text, std::size_t times) const {
  return until([&] { return count(err(), text) >= times; });
}

void Program::press_ctrl_c() const { ::kill(-pid(), SIGINT); }

int Program::exit_code(milliseconds limit) {
  const auto status = process_.wait_for(limit);
  return status && status->signal == 0 ? status->code : -1;
}

std::vector<pid_t> Program::processes() const {
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos &&
        has_mark(entry.path(), mark_))
      found.push_back(std::stoi(name));
  }
  return found;
}

struct Server::Channels {
  Channels() : ready(memory_file("ready")) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      fail("socketpair");
    stats.reset(ends[0]);
    stats_there.reset(ends[1]);
  }
  Start added_to(Start start) const {
    start.descriptors.push_back({ready.get(), kReadyFd});
    start.descriptors.push_back({stats_there.get(), kStatsFd});
    return start;
  }

  Descriptor ready;
  Descriptor stats;
  Descriptor stats_there;
};

Server::Server(const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment, const Start& start)
    : Server(arguments, environment, start, Channels{}) {}

namespace {

const std::vector<std::string> kWhere{"--port", "--bind"};

/// A wrapper may say where to listen, too.
std::vector<std::string> serving(std::vector<std::string> arguments,
                                 bool is_wrapped) {
  const bool says_where =
      std::find_first_of(arguments.begin(), arguments.end(), kWhere.begin(),
                         kWhere.end()) != arguments.end();
  if (!says_where && !is_wrapped)
    arguments.insert(arguments.end(), {"--port", "0"});
  arguments.insert(arguments.end(), {"--ready-fd", std::to_string(kReadyFd),
                                     "--stats-fd", std::to_string(kStatsFd)});
  return arguments;
}

}  // namespace

bool Program::ended() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid()), &info,
                  WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid != 0;
}

Server::Server(const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment, const Start& start,
               Channels channels)
    : Program(serving(arguments, !start.wrapper.empty()), environment,
              channels.added_to(start)),
      stats_(std::move(channels.stats)) {
  std::string line;
  const bool is_ready = until([&] {
    line = content(channels.ready);
    return line.ends_with('\n') || ended();
  });
  if (!is_ready || line.empty())
    throw std::runtime_error("the server did not get ready: " + err());
  ready_ = nlohmann::json::parse(line);
  for (const std::string& url : addresses())
    if (port_ == 0 && url.starts_with("http:"))
      port_ = std::stoi(url.substr(url.rfind(':') + 1));
}

std::vector<pid_t> Server::workers() const {
  std::vector<pid_t> pids;
  for (const auto& worker : ready_.at("workers"))
    pids.push_back(worker.at("pid"));
  return pids;
}

Answer Server::get(const std::string& target) const {
  return request(port_, "GET", target);
}

Answer Server::send(const std::string& method, const std::string& target,
                    const std::string& body) const {
  return request(port_, method, target, body);
}

std::vector<nlohmann::json> Server::stats() const {
  if (::send(stats_.get(), "?", 1, MSG_NOSIGNAL) != 1) fail("send");
  std::string line;
  for (char byte = 0; ::recv(stats_.get(), &byte, 1, 0) == 1 && byte != '\n';)
    line += byte;
  return nlohmann::json::parse(line).at("workers");
}

std::int64_t Server::total(const std::string& name) const {
  std::int64_t sum = 0;
  for (const auto& worker : stats()) sum += worker.at(name).get<std::int64_t>();
  return sum;
}

std::string Server::last_stats() const { return read_all(stats_.get()); }

Folder::Folder() {
  path_ = (fs::temp_directory_path() / "launch_test_XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) fail("mkdtemp");
}

Folder::~Folder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

}  // namespace launched
