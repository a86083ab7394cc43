// The access log as its reader sees it, whatever becomes of where it goes.

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
using nlohmann::json;

namespace {

const std::vector<std::vector<std::string>> kModes{
    {"--mode", "single"},
    {"--mode", "prefork", "--workers", "2"},
    {"--mode", "thread-pool", "--threads", "4"},
};

std::vector<std::string> with(std::vector<std::string> flags,
                              const std::vector<std::string>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// What is logged of a request, without what differs from run to run.
struct Entry {
  std::string request;
  int status = 0;
  std::string bytes;

  friend auto operator<=>(const Entry&, const Entry&) = default;
};

/// What the requests of ask() must leave.
const std::vector<Entry> kAsked{
    {"GET / HTTP/1.1", 200, "13"},
    {"GET /bytes?n=2000000 HTTP/1.1", 200, "2000000"},
    {"GET /nothing HTTP/1.1", 404, "-"},
    {"HEAD / HTTP/1.1", 200, "-"},
    {"POST /echo HTTP/1.1", 200, "5"},
    {"evil\\x22\\x1b[2J", 400, "30"},  // "the request line is malformed\n"
};

void ask(const Server& server) {
  server.get("/");
  server.get("/bytes?n=2000000");
  server.get("/nothing");
  server.send("HEAD", "/");
  server.send("POST", "/echo", "hello");
  const Connection connection{server.port()};
  connection.send("evil\"\x1b[2J\r\n\r\n");
  connection.read();
}

const char* const kCommon =
    R"re((127\.0\.0\.1) - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d )re"
    R"re([+-]\d{4}\] "([^"]*)" (\d{3}) (\d+|-))re";
const char* const kOurs = R"re( \d+ ([12]) ([0-9a-f]{16}-[0-9a-f]+))re";
const char* const kQuoted = R"re( "([^"]*)" "([^"]*)")re";

struct Parsed {
  std::vector<Entry> entries;  ///< in order of their request lines
  std::set<std::string> ids;
};

Parsed parse_lines(const std::string& text, bool combined) {
  const std::regex pattern{std::string(kCommon) + (combined ? kQuoted : "") +
                           kOurs};
  Parsed parsed;
  for (const std::string& line : lines_of(text)) {
    std::smatch match;
    if (!std::regex_match(line, match, pattern)) FAIL("no match: " << line);
    parsed.entries.push_back({match[2], std::stoi(match[3]), match[4]});
    parsed.ids.insert(match[match.size() - 1]);
  }
  std::sort(parsed.entries.begin(), parsed.entries.end());
  return parsed;
}

Parsed parse_json(const std::string& text) {
  Parsed parsed;
  for (const std::string& line : lines_of(text)) {
    const json entry = json::parse(line);
    CHECK(entry.at("client_ip") == "127.0.0.1");
    CHECK(entry.at("duration_us") >= 0);
    CHECK((entry.at("worker") == 1 || entry.at("worker") == 2));
    const int bytes = entry.at("response_bytes");
    std::string request = entry.at("target");
    if (request.starts_with("evil")) {
      CHECK(request == "evil\"\x1b[2J");
      request = "evil\\x22\\x1b[2J";
    } else {
      request = entry.at("method").get<std::string>() + ' ' + request + ' ' +
                entry.at("version").get<std::string>();
    }
    parsed.entries.push_back({request, entry.at("status"),
                              bytes == 0 ? "-" : std::to_string(bytes)});
    parsed.ids.insert(entry.at("request_id"));
  }
  std::sort(parsed.entries.begin(), parsed.entries.end());
  return parsed;
}

Parsed parse(const std::string& format, const std::string& text) {
  if (format == "json") return parse_json(text);
  return parse_lines(text, format == "combined");
}

void check_serves(const Server& server) {
  for (int i = 0; i < 20; ++i) CHECK(server.get("/").status == 200);
}

}  // namespace

TEST_CASE("each format has one line per request on standard output",
          "[access-log]") {
  for (const auto& mode : kModes)
    for (const std::string format : {"common", "combined", "json"}) {
      INFO(mode.at(1) << ' ' << format);
      Server server(with(mode, {"--access-log-format", format}));
      ask(server);
      server.signal(SIGTERM);
      CHECK(server.exit_code() == 0);
      const Parsed parsed = parse(format, server.out());
      CHECK(parsed.entries.size() == kAsked.size());
      CHECK(std::equal(parsed.entries.begin(), parsed.entries.end(),
                       kAsked.begin(), kAsked.end()));
      CHECK(parsed.ids.size() == kAsked.size());
      CHECK(count(server.err(), "GET") == 0);
    }
}

TEST_CASE("without the flag nothing is logged", "[access-log]") {
  Server silent({"--mode", "single"});
  ask(silent);
  silent.signal(SIGTERM);
  CHECK(silent.exit_code() == 0);
  CHECK(silent.out().empty());
  CHECK(count(silent.err(), "GET") == 0);
}

TEST_CASE("the log of all workers and runs is appended to one file",
          "[access-log]") {
  const Folder folder;
  const std::string path = folder.file("access.log");
  for (int run = 1; run <= 2; ++run) {
    Server server(
        {"--mode", "prefork", "--workers", "2", "--access-log-file", path});
    ask(server);
    server.signal(SIGTERM);
    CHECK(server.exit_code() == 0);
    CHECK(server.out().empty());
  }
  CHECK(parse("common", read_file(path)).ids.size() == 2 * kAsked.size());
}

TEST_CASE("a path that cannot be written ends the start", "[access-log]") {
  for (const auto& mode : kModes) {
    Program program(with(mode, {"--access-log-file", "/nonexistent/log"}));
    CHECK(program.exit_code() == 1);
    CHECK(count(program.err(),
                "launch: the access log /nonexistent/log cannot be opened: No "
                "such file or directory\n") == 1);
  }
}

TEST_CASE("a full disk stops no request", "[access-log]") {
  for (const auto& mode : kModes) {
    INFO(mode.at(1));
    Server server(with(mode, {"--access-log-file", "/dev/full"}));
    check_serves(server);
    server.signal(SIGTERM);
    CHECK(server.exit_code() == 0);
    const std::size_t warnings =
        count(server.err(), "(No space left on device): lines are lost");
    CHECK(warnings >= 1);
    CHECK(warnings <= server.workers().size());
  }
}

TEST_CASE("a pipe whose reader is gone stops no request", "[access-log]") {
  for (const auto& mode : kModes) {
    INFO(mode.at(1));
    const Folder folder;
    const std::string path = folder.file("pipe");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    Descriptor reader{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    Server server(with(mode, {"--access-log-file", path}));
    server.get("/nothing");
    std::string line(4096, '\0');
    ssize_t size = 0;
    CHECK(until([&] {
      size = ::read(reader.get(), line.data(), line.size());
      return size > 0;
    }));
    line.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    CHECK(parse("common", line).entries ==
          std::vector<Entry>{{"GET /nothing HTTP/1.1", 404, "-"}});

    reader.reset();
    check_serves(server);
    server.signal(SIGTERM);
    CHECK(server.exit_code() == 0);
    CHECK(count(server.err(), "(Broken pipe): lines are lost") >= 1);
  }
}

TEST_CASE("only a trusted proxy says who the client is", "[access-log]") {
  const std::string asked =
      "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
      "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\nX-Request-Id: edge-7\r\n\r\n";
  struct Row {
    std::vector<std::string> flags;
    std::vector<std::string> environment;
    std::string begin;
    bool named;
  };
  const std::vector<Row> rows{
      {{}, {}, "192.0.2.1 - - [", true},
      {{"--forwarded-allow-ips", "10.0.0.0/8"}, {}, "127.0.0.1 - - [", false},
      {{"--forwarded-allow-ips", ""}, {}, "127.0.0.1 - - [", false},
      {{}, {"FORWARDED_ALLOW_IPS=10.0.0.0/8"}, "127.0.0.1 - - [", false},
      {{}, {"FORWARDED_ALLOW_IPS=*"}, "6.6.6.6 - - [", true},
  };
  for (const auto& mode : kModes)
    for (const Row& row : rows) {
      INFO(mode.at(1) << ' ' << row.begin);
      Server server(with(with(mode, {"--access-log"}), row.flags),
                    row.environment);
      const Connection connection{server.port()};
      connection.send(asked);
      connection.read();
      server.signal(SIGTERM);
      CHECK(server.exit_code() == 0);
      const std::string line = server.out();
      CHECK(line.starts_with(row.begin));
      CHECK(line.ends_with(" edge-7\n") == row.named);
    }
}
