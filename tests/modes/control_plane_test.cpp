#include "modes/control/control_plane.hpp"

#include <filesystem>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/example_status.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/turns.hpp"

using namespace launch;

TEST_CASE("both ways in are served by one loop", "[control_plane]") {
  const TemporaryFolder folder;
  const std::string admin_path = folder.file("admin.sock");
  const std::string path = folder.file("control.sock");
  ControlPlane plane{
      {.admin_binds = {UnixAddress{admin_path}}, .socket = ControlPlace{path}}};
  Turns<ControlPlane> turns{plane, example_status};
  CHECK(plane.deadline() == Clock::time_point::max());
  RawClient admin{connect_to("unix:" + admin_path)};
  admin.send("GET /health/ready HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient control{connect_to("unix:" + path)};
  control.send("{\"command\":\"reload\"}\n");
  REQUIRE(turns.until([&] { return admin.has_news(); }));
  CHECK(body_of(admin.receive_all()) == "ready\n");
  std::vector<ControlRequest> requests;
  REQUIRE(turns.until([&] {
    requests = plane.take();
    return !requests.empty();
  }));
  CHECK(plane.deadline() < Clock::time_point::max());
  plane.reply(requests.front().ticket, true, "reloaded");
  CHECK(control.has_news());
}

TEST_CASE("without a plan nothing is opened", "[control_plane]") {
  ControlPlane plane{{}};
  std::vector<pollfd> polled;
  plane.add_to(polled);
  CHECK(polled.empty());
  CHECK(plane.deadline() == Clock::time_point::max());
}

TEST_CASE("a control socket that was asked for must be", "[control_plane]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("none/control.sock");
  CHECK_THROWS_WITH(
      ControlPlane({.admin_binds = {}, .socket = ControlPlace{path}}),
      "cannot listen on unix:" + path + ": its folder does not exist");
}

TEST_CASE("a default control socket that cannot be hinders nothing",
          "[control_plane]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("none/deep/control.sock");
  ControlPlane plane{{.admin_binds = {}, .socket = ControlPlace{path, true}}};
  std::vector<pollfd> polled;
  plane.add_to(polled);
  CHECK(polled.empty());
}
