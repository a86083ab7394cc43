// What a user can get wrong: one sentence and a documented exit code each.

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"
#include "tests/support/sanitized.hpp"

using namespace launched;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

struct Row {
  std::vector<std::string> arguments;
  int exit_code;
  std::string sentence;  ///< part of it
};

/// What `launch` says besides its log.
std::string without_log(const std::string& text) {
  std::string rest;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size() - 1);
    const std::string line = text.substr(at, end + 1 - at);
    if (!line.starts_with("INFO:     ")) rest += line;
    at = end + 1;
  }
  return rest;
}

void check_refused(const Row& row) {
  std::string command;
  for (const std::string& argument : row.arguments) command += ' ' + argument;
  INFO("launch" << command);
  Program program(row.arguments);
  CHECK(program.exit_code() == row.exit_code);
  const std::string said = without_log(program.err());
  CHECK(count(said, "\n") == 1);
  CHECK_THAT(said, StartsWith("launch: "));
  CHECK_THAT(said, Contains(row.sentence));
  CHECK(program.processes().empty());
  CHECK(program.out().empty());
}

}  // namespace

TEST_CASE("wrong flags are refused with code 2 and advice", "[bad-input]") {
  const std::vector<Row> rows{
      {{"--mode", "threads"}, 2, "use one of single, prefork, thread-pool"},
      {{"--mode", "prefork", "--workers", "0"}, 2, "from 1 to 1024"},
      {{"--mode", "prefork", "--workers", "many"}, 2, "\"many\""},
      {{"--workers"}, 2, "--workers needs a value"},
      {{"--mode", "thread-pool", "--threads", "0"}, 2, "from 1 to 4096"},
      {{"--port", "70000"}, 2, "from 0 to 65535"},
      {{"--port", "http"}, 2, "from 0 to 65535"},
      {{"--mode", "single", "--workers", "2"},
       2,
       "use --mode prefork --workers 2"},
      {{"--mode", "thread-pool", "--workers", "2"},
       2,
       "use --mode prefork --workers 2 --threads N"},
      {{"--mode", "single", "--threads", "4"},
       2,
       "use --mode thread-pool --threads 4"},
      {{"--log-level", "loud"}, 2, "debug, info, warning, error"},
      {{"--graceful-timeout", "soon"}, 2, "30s, 500ms or 2m"},
      {{"--ready-fd", "99"}, 2, "descriptor is not open"},
      {{"--nosuch"}, 2, "--nosuch"},
      {{"demo", "demo"}, 2, "demo"},
      {{"check", "--nosuch"}, 2, "--nosuch"},
      {{"check", "--mode", "threads"}, 2, "\"threads\" is no mode"},
  };
  for (const Row& row : rows) check_refused(row);
}

TEST_CASE("bench refuses what it cannot measure with code 2", "[bad-input]") {
  const std::vector<Row> rows{
      {{"bench"}, 2, "launch bench --compare-all"},
      {{"bench", app("orders"), "--compare-all"}, 2, "as in --path /orders"},
      {{"bench", app("orders"), "--compare-all", "--path", "orders"},
       2,
       "is not a path"},
      {{"bench", "--compare-all", "--path", "/", "--workload", "cpu"},
       2,
       "exclude each other"},
      {{"bench", "--compare-all", "--workload", "nosuch"},
       2,
       "plain, cpu, block, mixed"},
      {{"bench", "--compare-all", "--json", "/nonexistent/x"},
       2,
       "--json /nonexistent/x: cannot be written"},
      {{"bench", "--compare-all", "--rounds", "0"}, 2, "--rounds"},
      {{"bench", "--compare-all", "-c", "0"}, 2, "--connections"},
      {{"bench", "--compare-all", "-d", "never"}, 2, "--duration"},
      {{"bench", "--compare-all", "--color", "red"}, 2, "--color"},
      {{"bench", "--nosuch"}, 2, "--nosuch"},
  };
  for (const Row& row : rows) check_refused(row);
}

TEST_CASE("an environment that makes no sense is refused", "[bad-input]") {
  for (const char* setting :
       {"PORT=http", "LAUNCH_WORKERS=many", "LAUNCH_MODE=threads"}) {
    INFO(setting);
    const bool sets_mode = std::string(setting).starts_with("LAUNCH_MODE");
    Program program(
        sets_mode ? std::vector<std::string>{"check"}
                  : std::vector<std::string>{"check", "--mode", "prefork"},
        {setting});
    CHECK(program.exit_code() == 2);
    CHECK(count(program.err(), "\n") == 1);
  }
}

TEST_CASE("a port in use is told with code 1 in every mode", "[bad-input]") {
  const Server server({"demo"});
  const std::string port = std::to_string(server.port());
  for (const char* mode : {"single", "prefork", "thread-pool"})
    check_refused({{"--mode", mode, "--port", port},
                   1,
                   "127.0.0.1:" + port + ": the address is in use"});
  CHECK(server.get("/").status == 200);
}

TEST_CASE("an address of another machine is told with code 1", "[bad-input]") {
  check_refused({{"--host", "192.0.2.1", "--port", "0"}, 1, "192.0.2.1"});
}

TEST_CASE("an app that cannot run is told with code 3 in every mode",
          "[bad-input]") {
  struct App {
    std::string name;
    std::string sentence;
  };
  std::vector<App> apps{
      {"./nosuch.so", "./nosuch.so: cannot open the app"},
      {"nosuch", "\"nosuch\" is not an app"},
      {app("orders") + ":other", "no app called other"},
      {app("no_record"), "add the line LAUNCH_APP"},
      {app("other_httplib"), "was built with cpp-httplib 0.99.0"},
      {app("other_macros"), "CPPHTTPLIB_OPENSSL_SUPPORT"},
      {app("throws_at_registration"), "the price list is missing"},
      {app("aborts_at_registration"), "signal 6 (SIGABRT)"},
      {app("exits_at_registration"), "exit code 0"},
      {app("crashes_in_static_constructor"), "signal 11 (SIGSEGV)"},
      {app("listens"), "launch opens the port itself"},
      {app("listens_through_base"), "launch opens the port itself"},
      {app("needs_absent"), "libabsent.so"},
      {app("throws_at_start"), "a start-up hook threw: the database is away"},
      {app("crashes_at_start"), "a start-up hook crashed: signal 11"},
  };
  // The thread sanitizer complains of what leaves dlopen() by an exception.
  if (!kThreadSanitized)
    apps.push_back({app("throws_in_static_constructor"), "too early"});
  const std::vector<std::vector<std::string>> modes{
      {"--mode", "single"},
      {"--mode", "prefork", "--workers", "3"},
      {"--mode", "thread-pool"}};
  for (const App& app : apps)
    for (const auto& mode : modes) {
      std::vector<std::string> arguments{app.name, "--port", "0"};
      arguments.insert(arguments.end(), mode.begin(), mode.end());
      check_refused({arguments, 3, app.sentence});
    }
}

TEST_CASE("a file that is no library is told with code 3", "[bad-input]") {
  const Folder folder;
  const std::string path = folder.file("text.so");
  std::FILE* const file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  std::fputs("not a library\n", file);
  std::fclose(file);
  check_refused({{path, "--port", "0"}, 3, path});
}

TEST_CASE("bench tells an app that cannot run once, with code 3",
          "[bad-input]") {
  check_refused({{"bench", app("no_record"), "--compare-all", "--path", "/"},
                 3,
                 "add the line LAUNCH_APP"});
  check_refused({{"bench", "./nosuch.so", "--compare-all", "--path", "/"},
                 3,
                 "./nosuch.so: cannot open the app"});
}

TEST_CASE("bench names the 404 of a path that is not there", "[bad-input]") {
  const Folder folder;
  Program program({"bench", app("orders"), "--compare-all", "--path",
                   "/nothing", "--rounds", "1", "-d", "100ms", "--quiet"},
                  {"ORDERS_DB=" + folder.file("orders.sqlite3")});
  CHECK(program.exit_code() == 1);
  CHECK(count(program.err(), "\n") == 1);
  CHECK_THAT(program.err(), StartsWith("launch: "));
  CHECK_THAT(program.err(), Contains("GET /nothing"));
  CHECK_THAT(program.err(), Contains("404"));
  CHECK_THAT(program.out(), Contains("404"));
}
