#include "modes/control/control_server.hpp"

#include <string>

#include "modes/control/control_place.hpp"
#include "modes/control/status_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/example_status.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/turns.hpp"

using namespace launch;

namespace {

struct Control {
  TemporaryFolder folder;
  std::string path = folder.file("control.sock");
  ControlServer server{listeners()};
  Turns<ControlServer> turns{server, example_status};

  std::vector<Bound> listeners() const {
    std::vector<Bound> bound;
    bound.push_back(open_control_socket({path}));
    return bound;
  }
  RawClient client() const { return RawClient{connect_to("unix:" + path)}; }

  /// The next line that comes to `client`.
  std::string line(const RawClient& client) {
    std::string text;
    turns.until([&] {
      char c = 0;
      while (!text.ends_with('\n') &&
             ::recv(client.fd(), &c, 1, MSG_DONTWAIT) == 1)
        text += c;
      return text.ends_with('\n');
    });
    return text;
  }
  std::vector<ControlRequest> requests(std::size_t count) {
    std::vector<ControlRequest> all;
    turns.until([&] {
      for (const ControlRequest& request : server.take())
        all.push_back(request);
      return all.size() >= count;
    });
    return all;
  }
};

}  // namespace

TEST_CASE("the status is answered at once", "[control_server]") {
  Control control;
  RawClient client = control.client();
  client.send("{\"command\":\"status\"}\n{\"command\":\"workers\"}\n");
  CHECK(control.line(client) ==
        status_answer(ControlKind::status, example_status()) + '\n');
  CHECK(control.line(client) ==
        status_answer(ControlKind::workers, example_status()) + '\n');
  CHECK(control.server.take().empty());
}

TEST_CASE("what takes time is handed out and answered later",
          "[control_server]") {
  Control control;
  RawClient first = control.client();
  RawClient second = control.client();
  first.send("{\"command\":\"reload\"}\n");
  REQUIRE(control.requests(1) ==
          std::vector<ControlRequest>{{1, ControlKind::reload, 0}});
  second.send("{\"command\":\"scale\",\"workers\":4}\n");
  REQUIRE(control.requests(1) ==
          std::vector<ControlRequest>{{2, ControlKind::scale, 4}});
  CHECK(control.server.deadline() == Clock::time_point::max());
  control.server.reply(2, true, "4 workers are ready");
  control.server.reply(1, false, "the app is broken");
  CHECK(control.line(first) ==
        "{\"ok\":false,\"error\":\"the app is broken\"}\n");
  CHECK(control.line(second) ==
        "{\"ok\":true,\"message\":\"4 workers are ready\"}\n");
  CHECK(control.server.take().empty());
}

TEST_CASE("a second command waits for the answer to the first",
          "[control_server]") {
  Control control;
  RawClient client = control.client();
  client.send(
      "{\"command\":\"reload\"}\n{\"command\":\"scale\",\"workers\":2}\n");
  REQUIRE(control.requests(1).size() == 1);
  control.turns.turn();
  CHECK(control.server.take().empty());
  control.server.reply(1, true, "");
  CHECK(control.server.deadline() <= control.turns.now);
  CHECK(control.requests(1) ==
        std::vector<ControlRequest>{{2, ControlKind::scale, 2}});
}

TEST_CASE("a client that went away misses only its answer",
          "[control_server]") {
  Control control;
  RawClient client = control.client();
  client.send("{\"command\":\"reload\"}\n");
  REQUIRE(control.requests(1).size() == 1);
  client.close();
  control.turns.turn();
  control.server.reply(1, true, "");
  control.server.reply(1, true, "");  // and twice is as good as once
  control.server.reply(7, true, "");  // as is one that nobody asked for
  RawClient other = control.client();
  other.send("{\"command\":\"status\"}\n");
  CHECK(control.line(other).starts_with("{\"ok\":true"));
}

TEST_CASE("who asks for a stop may wait for the end", "[control_server]") {
  Control control;
  RawClient client = control.client();
  client.send("{\"command\":\"stop\"}\n");
  REQUIRE(control.requests(1) ==
          std::vector<ControlRequest>{{1, ControlKind::stop, 0}});
  control.server.reply(1, true, "stopping");
  CHECK(control.line(client) == "{\"ok\":true,\"message\":\"stopping\"}\n");
  control.turns.now += std::chrono::hours{1};
  control.turns.turn();
  CHECK_FALSE(client.has_news());
}

TEST_CASE("nonsense is answered by a sentence and the connection goes on",
          "[control_server]") {
  Control control;
  RawClient client = control.client();
  client.send("GET / HTTP/1.1\r\n");
  CHECK(control.line(client).starts_with("{\"ok\":false,\"error\":\"a line "));
  client.send("{\"command\":\"status\"}\n");
  CHECK(control.line(client).starts_with("{\"ok\":true"));
}

TEST_CASE("a line without end is refused", "[control_server]") {
  Control control;
  RawClient client = control.client();
  client.send(std::string(5000, 'x'));
  CHECK(control.line(client) ==
        "{\"ok\":false,\"error\":\"a line has at most 4096 bytes\"}\n");
  CHECK(client.is_closed());
}

TEST_CASE("half a line is cut after some seconds", "[control_server]") {
  Control control;
  RawClient client = control.client();
  client.send("{\"command\":");
  REQUIRE(control.turns.until([&] {
    return control.server.deadline() == control.turns.now + seconds{5};
  }));
  control.turns.now += seconds{5};
  control.turns.turn();
  CHECK(client.is_closed());
}
