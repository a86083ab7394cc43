// A service watched and controlled from outside.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/launched.hpp"

using namespace launched;
using nlohmann::json;

namespace {

/// A server with an admin port and a control socket of its own.
struct Controlled {
  explicit Controlled(std::vector<std::string> arguments)
      : server(with_control(std::move(arguments))) {}

  std::vector<std::string> with_control(
      std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(),
                     {"--admin", "127.0.0.1:0", "--control", socket});
    return arguments;
  }

  Answer admin(const std::string& path) const {
    static const std::string kWhere =
        "Health, status and metrics on http://127.0.0.1:";
    const std::string log = server.err();
    const int port = std::stoi(log.substr(log.find(kWhere) + kWhere.size()));
    return request(port, "GET", path);
  }
  json status() const { return admin("/status").json(); }

  /// The series of the metrics, by name and labels.
  std::map<std::string, double> metrics() const {
    std::map<std::string, double> series;
    std::istringstream lines{admin("/metrics").body};
    for (std::string line; std::getline(lines, line);)
      if (const auto blank = line.rfind(' ');
          blank != std::string::npos && line[0] != '#')
        series[line.substr(0, blank)] = std::stod(line.substr(blank + 1));
    return series;
  }

  std::unique_ptr<Program> ctl(const std::vector<std::string>& command) const {
    std::vector<std::string> arguments{"ctl", "--control", socket};
    arguments.insert(arguments.end(), command.begin(), command.end());
    return std::make_unique<Program>(arguments);
  }

  std::vector<pid_t> pids() const {
    std::vector<pid_t> pids;
    const json now = status();
    for (const json& worker : now["workers"]) pids.push_back(worker["pid"]);
    return pids;
  }

  Folder folder;
  std::string socket = folder.file("control.sock");
  Server server;
};

bool is_counter(const std::string& name) {
  return name.find("_total") != std::string::npos ||
         name.find("_bucket") != std::string::npos ||
         name.find("_count") != std::string::npos;
}

}  // namespace

TEST_CASE("no counter goes back and no series is left when a worker is killed",
          "[control]") {
  const Controlled service({"--mode", "prefork", "--workers", "2"});
  for (int i = 0; i < 20; ++i) CHECK(service.server.get("/").status == 200);
  CHECK(until([&] {
    return service.metrics()["launch_request_duration_seconds_count"] >= 20;
  }));
  const auto before = service.metrics();
  const pid_t killed = service.server.workers()[0];
  freeze(killed);
  ::kill(killed, SIGKILL);
  REQUIRE(until([&] {
    const json worker = service.status()["workers"][0];
    return worker["state"] == "ready" && worker["pid"] != killed;
  }));
  const auto after = service.metrics();
  for (const auto& [name, value] : before) {
    INFO(name);
    REQUIRE(after.contains(name));
    if (is_counter(name)) CHECK(after.at(name) >= value);
  }
  CHECK(after.size() == before.size());
  CHECK(after.at(
            R"(launch_worker_restarts_total{worker="1",cause="signal"})") == 1);
  CHECK(after.at(
            R"(launch_worker_restarts_total{worker="2",cause="signal"})") == 0);
  CHECK(after.at("launch_workers_ready") == 2);
}

TEST_CASE("the reload of a broken app is refused and the old workers serve on",
          "[control]") {
  const Folder folder;
  const std::string library = folder.file("app.so");
  std::filesystem::copy_file(app("httplib_server_app"), library);
  const Controlled service({library, "--mode", "prefork", "--workers", "2"});
  const auto old_pids = service.pids();
  const std::string next = folder.file("next.so");
  std::ofstream{next} << "no library\n";
  std::filesystem::rename(next, library);
  const auto failed = service.ctl({"reload"});
  CHECK(failed->exit_code() == 1);
  CHECK(failed->err().find("app.so") != std::string::npos);
  CHECK(service.pids() == old_pids);
  CHECK(service.status()["last_reload"]["ok"] == false);
  CHECK(service.admin("/health/ready").status == 200);

  std::filesystem::copy_file(app("httplib_server_app"), next);
  std::filesystem::rename(next, library);
  const auto reloaded = service.ctl({"reload"});
  CHECK(reloaded->exit_code() == 0);
  CHECK(reloaded->out().find("all 2 workers are new") != std::string::npos);
  for (const pid_t pid : service.pids())
    CHECK(std::find(old_pids.begin(), old_pids.end(), pid) == old_pids.end());
  CHECK(service.status()["last_reload"]["ok"] == true);
}

TEST_CASE("a service is scaled up and down", "[control]") {
  const Controlled service({"--mode", "prefork", "--workers", "1"});
  const auto up = service.ctl({"scale", "3"});
  CHECK(up->exit_code() == 0);
  CHECK(up->out() == "3 workers are ready\n");
  CHECK(service.metrics()["launch_workers_ready"] == 3);
  const auto down = service.ctl({"scale", "1"});
  CHECK(down->exit_code() == 0);
  CHECK(service.status()["workers"].size() == 1);
  CHECK(service.server.processes().size() == 2);
  CHECK(service.ctl({"scale", "0"})->exit_code() == 2);
}

TEST_CASE("readiness goes as soon as a stop is asked", "[control]") {
  for (const std::string mode : {"prefork", "thread-pool"}) {
    INFO(mode);
    Controlled service({"--mode", mode});
    CHECK(service.admin("/health/ready").body == "ready\n");
    std::thread client([&] { service.server.get("/block?ms=1500"); });
    CHECK(until([&] { return service.status()["state"] == "ready"; }));
    CHECK(until([&] {
      const json status = service.status();
      for (const json& worker : status["workers"])
        if (worker["in_progress"] == 1) return true;
      return false;
    }));
    service.server.signal(SIGTERM);
    CHECK(until([&] {
      const Answer answer = service.admin("/health/ready");
      return answer.status == 503 && answer.body == "stopping\n";
    }));
    CHECK(service.admin("/health/live").status == 200);
    client.join();
    CHECK(service.server.exit_code() == 0);
  }
}

TEST_CASE("ctl stop returns when the service is gone", "[control]") {
  for (const std::string mode : {"prefork", "single"}) {
    INFO(mode);
    Controlled service({"--mode", mode});
    const auto stop = service.ctl({"stop"});
    CHECK(stop->exit_code() == 0);
    CHECK(stop->out() == "stopped\n");
    CHECK(service.server.exit_code() == 0);
    const auto again = service.ctl({"status"});
    CHECK(again->exit_code() == 1);
    CHECK(count(again->err(), "\n") == 1);
    CHECK(again->err().starts_with("launch: no service answers on "));
  }
}

TEST_CASE("without a supervisor reload and scale name the supervised form",
          "[control]") {
  const Controlled service({"--mode", "single"});
  CHECK(service.server.get("/").status == 200);
  const auto reload = service.ctl({"reload"});
  CHECK(reload->exit_code() == 1);
  CHECK(reload->err() ==
        "launch: reload needs a supervisor: start with --mode prefork\n");
  CHECK(service.ctl({"scale", "2"})->exit_code() == 1);
  const auto workers = service.ctl({"workers", "--json"});
  CHECK(workers->exit_code() == 0);
  const json list = json::parse(workers->out());
  REQUIRE(list.size() == 1);
  CHECK(list[0]["requests"] == 1);
  CHECK(list[0]["pid"] == service.server.pid());
}

TEST_CASE("ctl finds the only service of the user by itself", "[control]") {
  const Folder runtime;
  const std::string variable = "XDG_RUNTIME_DIR=" + runtime.file("");
  const auto status = [&] {
    auto program =
        std::make_unique<Program>(std::vector<std::string>{"ctl", "status"},
                                  std::vector<std::string>{variable});
    program->exit_code();
    return program;
  };
  CHECK(status()->err().find("no service of this user is running") !=
        std::string::npos);
  const Server first({"--mode", "single"}, {variable});
  CHECK(status()->out().find("single  pid " + std::to_string(first.pid())) !=
        std::string::npos);
  const Server second({"--mode", "single"}, {variable});
  CHECK(status()->err().find("2 services are running") != std::string::npos);
  Program chosen({"ctl", "workers", "--pid", std::to_string(second.pid())},
                 {variable});
  CHECK(chosen.exit_code() == 0);
}

TEST_CASE("the live view prints a frame each second without a terminal",
          "[control]") {
  const Controlled service({"--mode", "prefork", "--workers", "2"});
  const auto top = service.ctl({"top", "--times", "2"});
  CHECK(top->exit_code() == 0);
  CHECK(count(top->out(), "requests/s  share") == 2);
  CHECK(top->out().find('\x1b') == std::string::npos);
}
