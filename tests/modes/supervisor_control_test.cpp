// A supervisor that is watched and controlled from outside.

#include <thread>

#include <nlohmann/json.hpp>

#include "modes/control/control_client.hpp"
#include "tests/support/supervised.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
using nlohmann::json;

namespace {

/// A supervisor of stand-ins with a control socket.
struct Controlled {
  explicit Controlled(int workers, const std::string& script = kWorks)
      : service(workers, script, [this](ServePlan& plan) {
          plan.control.socket = ControlPlace{path, false};
        }) {}

  ControlAnswer ask(const ControlCommand& command) const {
    return ControlClient{path, kLongest}.ask(command);
  }
  json status() const { return json::parse(ask({}).data); }

  TemporaryFolder folder;
  std::string path = folder.file("control.sock");
  Supervised service;
};

}  // namespace

TEST_CASE("the status shows every worker with its process",
          "[supervisor_control]") {
  Controlled control(2);
  const auto pids = control.service.ready_pids();
  const json status = control.status();
  CHECK(status["state"] == "ready");
  CHECK(status["ready"] == true);
  CHECK(status["pid"] == control.service.pid());
  CHECK(status["workers_wanted"] == 2);
  REQUIRE(status["workers"].size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(status["workers"][i]["id"] == i + 1);
    CHECK(status["workers"][i]["pid"] == pids[i]);
    CHECK(status["workers"][i]["state"] == "ready");
    CHECK(status["workers"][i]["generation"] == 1);
  }
}

TEST_CASE("a service that starts is not ready", "[supervisor_control]") {
  const Controlled control(1, "exec sleep 60");
  REQUIRE(eventually([&] { return bool{connect_to_control(control.path)}; }));
  const json status = control.status();
  CHECK(status["state"] == "starting");
  CHECK(status["ready"] == false);
  CHECK(status["workers"][0]["state"] == "starting");
}

TEST_CASE("a reload is answered when every worker is new",
          "[supervisor_control]") {
  Controlled control(2);
  const auto before = control.service.ready_pids();
  const ControlAnswer answer = control.ask({ControlKind::reload});
  CHECK(answer.ok);
  CHECK(answer.message.ends_with("all 2 workers are new"));
  const json status = control.status();
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(status["workers"][i]["pid"] != before[i]);
    CHECK(status["workers"][i]["generation"] == 2);
    CHECK(status["workers"][i]["restarts"]["reload"] == 1);
  }
  CHECK(status["last_reload"]["ok"] == true);
}

TEST_CASE("a scaling is answered when the workers are there, or gone",
          "[supervisor_control]") {
  Controlled control(1);
  control.service.ready_line();
  const ControlAnswer up = control.ask({ControlKind::scale, 3});
  CHECK(up.message == "3 workers are ready");
  CHECK(control.service.processes() == 3);
  CHECK(control.ask({ControlKind::scale, 1}).ok);
  CHECK(control.service.processes() == 1);
}

TEST_CASE("who waits for a reload hears that the service stops",
          "[supervisor_control]") {
  TemporaryFolder folder;
  const std::string mark = folder.file("started");
  // The successor of the first never gets ready.
  Controlled control(
      1, "[ -e " + mark + " ] && exec sleep 60; touch " + mark + "; " + kWorks);
  control.service.ready_line();
  ControlClient waiting{control.path, kLongest};
  std::thread stopper([&] {
    eventually([&] { return control.status()["state"] == "reloading"; });
    control.ask({ControlKind::stop});
  });
  const ControlAnswer answer = waiting.ask({ControlKind::reload});
  stopper.join();
  CHECK_FALSE(answer.ok);
  CHECK(answer.message == "the service was stopped meanwhile");
  waiting.wait_for_end();
  CHECK(control.service.outcome() == Outcome::stopped);
}
