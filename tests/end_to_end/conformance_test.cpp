// One answer to one request, whatever the mode and however the app registered
// its handlers: tests/conformance/requests.

#include <sys/socket.h>

#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "modes/base/sanitizer.hpp"
#include "tests/apps/conformance/surroundings.hpp"
#include "tests/conformance/conversation.hpp"
#include "tests/conformance/differences.hpp"
#include "tests/conformance/request_list.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace conformance;
using launched::Server;

namespace {

constexpr std::size_t kClients = 8;

struct ModeRow {
  const char* name;
  std::vector<std::string> flags;
};
const std::vector<ModeRow> kModes{
    {"single", {"--mode", "single"}},
    {"prefork", {"--mode", "prefork", "--workers", "2"}},
    {"thread-pool", {"--mode", "thread-pool", "--threads", "4"}},
};

/// Where handlers of /run/NAME leave NAME.
class Runs {
 public:
  std::string setting() const {
    return "CONFORMANCE_RUNS=" + folder_.file("runs");
  }
  std::string names() const {
    return launched::read_file(folder_.file("runs"));
  }

 private:
  launched::Folder folder_;
};

Server serve(const ModeRow& mode, const std::string& symbol, const Runs& runs) {
  std::vector<std::string> arguments{launched::app("conformance") + ":" +
                                     symbol};
  arguments.insert(arguments.end(), mode.flags.begin(), mode.flags.end());
  arguments.insert(arguments.end(), {"--log-level", "error"});
  return Server(arguments, {runs.setting()});
}

/// What suits the app; a bad one is followed by a request that must not run.
std::vector<Entry> requests_for(const std::string& app) {
  std::vector<Entry> entries;
  for (Entry& entry : all_requests()) {
    if (!entry.suits(app)) continue;
    if (entry.group == "bad" && entry.fault.empty())
      entry.pieces.back().bytes +=
          "GET /run/" + entry.slug + " HTTP/1.1\r\nHost: conformance\r\n\r\n";
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// What the server sends, byte for byte.
std::vector<std::string> raw_answers_of(const Server& server,
                                        const std::vector<Entry>& entries,
                                        Writes writes = Writes::as_listed) {
  return converse_all(static_cast<std::uint16_t>(server.port()), entries,
                      Ending::half_close, writes, kClients);
}

std::vector<std::string> answers_of(const Server& server,
                                    const std::vector<Entry>& entries,
                                    Writes writes = Writes::as_listed) {
  auto answers = raw_answers_of(server, entries, writes);
  for (std::string& answer : answers) answer = comparable(std::move(answer));
  return answers;
}

/// Long answers differ early or late; their middle helps nobody.
std::string shown(const std::string& text) {
  constexpr std::size_t kMost = 1500;
  if (text.size() <= kMost) return text;
  return text.substr(0, kMost) + "... (" + std::to_string(text.size()) +
         " bytes)";
}

/// Fails for each entry whose two answers are not the same bytes.
void compare(const std::vector<Entry>& entries,
             const std::vector<std::string>& expected,
             const std::vector<std::string>& actual) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (expected[i] == actual[i]) continue;
    FAIL_CHECK(entries[i].group << ": " << entries[i].name << "\n--- expected\n"
                                << shown(expected[i]) << "\n--- answered\n"
                                << shown(actual[i]));
  }
}

// Its library is not built for the thread sanitizer, which sees races in it.
#ifndef LAUNCH_THREAD_SANITIZER

/// The routes under cpp-httplib's own listen(), on any free port.
class OwnServer : private httplib::Server {
 public:
  explicit OwnServer(void (*register_routes)(httplib::Server&)) {
    // A thread serves one connection until that has been idle for a second:
    // enough of them that all connections wait at once.
    new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    set_keep_alive_timeout(1);
    set_read_timeout(1);
    set_tcp_nodelay(true);
    register_routes(*this);
    port_ = bind_to_any_port("127.0.0.1");
    // With its queue of five, connecting takes seconds.
    ::listen(svr_sock_, kThreads);
    thread_ = std::thread([this] { listen_after_bind(); });
    running_ = launched::until([this] { return is_running(); });
  }
  ~OwnServer() override {
    stop();
    thread_.join();
  }
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  bool running() const { return running_; }
  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }

  static constexpr int kThreads = 200;

 private:
  std::thread thread_;
  int port_ = 0;
  bool running_ = false;
};

/// Removes the intended differences; adds the names of those there were.
void settle(const Entry& entry, Answers& answers, std::set<std::string>& met) {
  for (const Difference& row : intended_differences()) {
    if (row.settle == nullptr) continue;
    const Answers before = answers;
    row.settle(entry, answers);
    if (answers.ours != before.ours || answers.own != before.own)
      met.insert(row.name);
  }
}

#endif

bool is_as_expected(const Entry& entry, const std::string& answer) {
  const auto has = [&](const std::string& text) {
    return answer.find(text) != std::string::npos;
  };
  return statuses_of(comparable(answer)) == entry.statuses && has(entry.has) &&
         (entry.lacks.empty() || !has(entry.lacks));
}

struct AppRow {
  const char* name;
  void (*register_routes)(httplib::Server&);
};
const std::vector<AppRow> kApps{
    {"plain", register_plain<httplib::Server>},
    {"full", register_full<httplib::Server>},
};

}  // namespace

TEST_CASE("the conformance list has more than 150 requests of all groups",
          "[conformance]") {
  std::map<std::string, int> groups;
  for (const Entry& entry : all_requests()) ++groups[entry.group];
  CHECK(groups["good"] >= 100);
  CHECK(groups["odd"] >= 50);
  CHECK(groups["bad"] >= 80);
}

TEST_CASE("each request of the conformance list gets the answer it should",
          "[conformance]") {
  for (const AppRow& app : kApps) {
    const Runs runs;
    const auto entries = requests_for(app.name);
    const auto server =
        serve(kModes.front(), std::string(app.name) + "_recorded", runs);
    const auto answers = raw_answers_of(server, entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      INFO(app.name << ", " << entries[i].group << ": " << entries[i].name);
      INFO(shown(answers[i]));
      INFO("known fault: " << entries[i].fault);
      // Once it is mended, the entry must not say so any longer.
      CHECK(is_as_expected(entries[i], answers[i]) == entries[i].fault.empty());
    }
    CHECK(runs.names() == "");
  }
}

TEST_CASE("no answer depends on the mode or on how handlers were registered",
          "[conformance]") {
  for (const AppRow& app : kApps) {
    const auto entries = requests_for(app.name);
    std::vector<std::string> expected;
    for (const char* path : {"_recorded", "_unrecorded"}) {
      for (const ModeRow& mode : kModes) {
        INFO(app.name << path << ", " << mode.name);
        const Runs runs;
        const auto server = serve(mode, app.name + std::string(path), runs);
        const auto answers = answers_of(server, entries);
        if (expected.empty()) expected = answers;
        compare(entries, expected, answers);
        CHECK(runs.names() == "");
        // Nobody has died of any request.
        for (const pid_t worker : server.workers())
          CHECK(::kill(worker, 0) == 0);
      }
    }
  }
}

TEST_CASE("no answer depends on how a request is cut into writes",
          "[conformance]") {
  constexpr std::size_t kMost = 1000;  // bytes; more would only take longer
  for (const AppRow& app : kApps) {
    std::vector<Entry> entries;
    for (Entry& entry : requests_for(app.name))
      if (entry.bytes().size() < kMost) entries.push_back(std::move(entry));
    for (const ModeRow& mode : kModes) {
      INFO(app.name << ", " << mode.name);
      const Runs runs;
      const auto server =
          serve(mode, app.name + std::string("_recorded"), runs);
      compare(entries, answers_of(server, entries),
              answers_of(server, entries, Writes::each_byte));
      CHECK(runs.names() == "");
    }
  }
}

#ifndef LAUNCH_THREAD_SANITIZER
TEST_CASE("answers differ from cpp-httplib's own listen() as intended",
          "[conformance]") {
  std::set<std::string> met;
  for (const AppRow& app : kApps) {
    INFO(app.name);
    std::vector<Entry> entries;
    for (Entry& entry : requests_for(app.name))
      if (entry.group != "bad" && entry.fault.empty())
        entries.push_back(std::move(entry));
    const Runs runs;
    const auto server =
        serve(kModes.front(), std::string(app.name) + "_recorded", runs);
    const auto ours = answers_of(server, entries);
    const OwnServer own{app.register_routes};
    REQUIRE(own.running());
    const auto theirs = converse_all(own.port(), entries, Ending::wait,
                                     Writes::as_listed, OwnServer::kThreads);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      Answers pair{ours[i], comparable(theirs[i])};
      settle(entries[i], pair, met);
      INFO(entries[i].group << ": " << entries[i].name);
      INFO("--- launch\n" << shown(ours[i]));
      INFO("--- cpp-httplib\n" << shown(theirs[i]));
      CHECK((pair.ours == pair.own) == entries[i].differs.empty());
      if (!entries[i].differs.empty()) met.insert(entries[i].differs);
    }
  }
  // A row that makes no difference any more does not belong into the table.
  std::set<std::string> rows;
  for (const Difference& row : intended_differences()) rows.insert(row.name);
  CHECK(met == rows);
}
#endif

TEST_CASE("the docs list each intended difference to cpp-httplib",
          "[conformance]") {
  const std::string page = launched::read_file(LAUNCH_DOCS "/http.md");
  for (const Difference& row : intended_differences())
    CHECK(launched::count(page, std::string("| ") + row.name + " | " +
                                    row.launch + " | " + row.own + " |\n") ==
          1);
}

TEST_CASE("no request passes authentication that is set through cpp-httplib",
          "[conformance]") {
  const auto entries = requests_for("plain");
  for (const std::string symbol : {"guarded_recorded", "guarded_unrecorded"}) {
    for (const ModeRow& mode : kModes) {
      INFO(symbol << ", " << mode.name);
      const Runs runs;
      const auto server = serve(mode, symbol, runs);
      const auto answers = answers_of(server, entries);
      for (std::size_t i = 0; i < entries.size(); ++i) {
        INFO(entries[i].group << ": " << entries[i].name);
        INFO(shown(answers[i]));
        for (const int status : statuses_of(answers[i])) CHECK(status >= 400);
      }
      CHECK(runs.names() == "");

      Entry allowed;
      allowed.pieces = {
          {"GET /run/allowed HTTP/1.1\r\nHost: conformance\r\n"
           "Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n\r\n"}};
      CHECK(statuses_of(answers_of(server, {allowed}).front()) ==
            std::vector{200});
      CHECK(runs.names() == "allowed\n");
    }
  }
}
