#include "modes/app/app.hpp"

#include <signal.h>

#include "modes/http/hosted_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/memory_request.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;
using Catch::Matchers::Contains;

namespace {

constexpr WorkerInfo kWorker{2, 3, 4};
constexpr int kCrashCode = 3;

/// An app whose hooks write what happened to `story`.
App app_of(const std::function<void(Server&)>& register_hooks) {
  auto server = std::make_unique<HostedServer>();
  register_hooks(*server);
  return App(std::move(server), "story.so");
}

std::string load_error(const std::string& name) {
  return app_error([&] { load_app(test_app(name)); });
}

}  // namespace

TEST_CASE("an app is named by its library and symbol", "[app]") {
  CHECK(parse_app("demo").built_in());
  const AppSpec plain = parse_app("./apps/orders.so");
  CHECK(plain.path == "./apps/orders.so");
  CHECK(plain.symbol == "launch_app");
  const AppSpec named = parse_app("a.so:b/orders.so:admin_2");
  CHECK(named.path == "a.so:b/orders.so");
  CHECK(named.symbol == "admin_2");
  CHECK(named.text == "a.so:b/orders.so:admin_2");
}

TEST_CASE("what is no app is refused with advice", "[app]") {
  for (const char* text : {"", "orders", "demo:x", ".so", "orders.cpp"})
    CHECK_THAT(app_error([&] { parse_app(text); }),
               Contains("is not an app: name a shared library"));
  for (const char* text : {"orders.so:", "orders.so:1x", "orders.so:a b"})
    CHECK_THAT(app_error([&] { parse_app(text); }),
               Contains("is not the name of a function"));
}

TEST_CASE("a function of httplib::Server& is an app", "[app]") {
  App app = load_app(test_app("httplib_server_app"));
  CHECK(ask(app.server(), "GET", "/hello").body == "Hello from cpp-httplib\n");
  CHECK(app.server().routes().empty());
  CHECK(app.server().unrecorded() ==
        "a GET handler set through httplib::Server&");
}

TEST_CASE("an app that registers on launch::Server is recorded", "[app]") {
  App app = load_app(test_app("orders"));
  REQUIRE(app.server().routes().size() == 5);
  CHECK(app.server().routes()[1].method == "POST");
  CHECK(app.server().routes()[1].pattern == "/orders");
  CHECK_FALSE(app.server().unrecorded());
}

TEST_CASE("an exception of the registration is one sentence", "[app]") {
  CHECK(load_error("throws_at_registration") ==
        "throws_at_registration.so: its registration failed: the price list "
        "is missing");
}

TEST_CASE("an app that opens a port is refused", "[app]") {
  CHECK(load_error("listens") ==
        "listens.so: its registration failed: listen() was called, but launch "
        "opens the port itself: remove the call");
  CHECK_THAT(load_error("listens_through_base"),
             Contains("but launch opens the port itself: remove the call"));
}

TEST_CASE("start hooks run in order and stop hooks in reverse", "[app]") {
  std::string story;
  App app = app_of([&](Server& server) {
    for (const char name : {'a', 'b'}) {
      server.on_start([&story, name](const WorkerInfo& worker) {
        story += std::string("start ") + name + std::to_string(worker.id) +
                 std::to_string(worker.workers) +
                 std::to_string(worker.threads) + " ";
      });
      server.on_stop([&story, name](const WorkerInfo&) {
        story += std::string("stop ") + name + " ";
      });
    }
  });
  app.start(kWorker, {kCrashCode});
  app.stop();
  app.stop();
  CHECK(story == "start a234 start b234 stop b stop a ");
}

TEST_CASE("an app that never started is not stopped", "[app]") {
  bool stopped = false;
  App app = app_of([&](Server& server) {
    server.on_start([](const WorkerInfo&) { throw std::runtime_error("no"); })
        .on_stop([&](const WorkerInfo&) { stopped = true; });
  });
  CHECK(app_error([&] { app.start(kWorker, {kCrashCode}); }) ==
        "story.so: a start-up hook threw: no");
  app.stop();
  CHECK_FALSE(stopped);
}

TEST_CASE("what is thrown need not be a std::exception", "[app]") {
  App app = app_of([](Server& server) {
    server.on_start([](const WorkerInfo&) { throw 7; });
  });
  CHECK_THAT(app_error([&] { app.start(kWorker, {kCrashCode}); }),
             Contains("an exception that is no std::exception"));
}

TEST_CASE("a stop hook that throws is logged and the others run", "[app]") {
  const ChildEnd end = run_in_child([] {
    bool stopped = false;
    App app = app_of([&](Server& server) {
      server.on_stop([&](const WorkerInfo&) { stopped = true; })
          .on_stop([](const WorkerInfo&) { throw std::runtime_error("no"); });
    });
    app.start(kWorker, {kCrashCode});
    app.stop();
    if (!stopped) throw std::runtime_error("the first hook did not run");
  });
  CHECK(end.exit_code == 0);
  CHECK(end.error_text == "ERROR:    story.so: a shut-down hook threw: no\n");
}

TEST_CASE("hooks of a library run", "[app]") {
  App failing = load_app(test_app("throws_at_start"));
  CHECK(app_error([&] { failing.start(kWorker, {kCrashCode}); }) ==
        "throws_at_start.so: a start-up hook threw: the database is away");
}

TEST_CASE("a crash in a start hook is one sentence and the code", "[app]") {
  const ChildEnd end = run_in_child([] {
    App app = load_app(test_app("crashes_at_start"));
    app.start(kWorker, {kCrashCode});
  });
  CHECK(end.exit_code == kCrashCode);
  CHECK(end.error_text ==
        "launch: crashes_at_start.so: a start-up hook crashed: signal 11 "
        "(SIGSEGV)\n");
}
