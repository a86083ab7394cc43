#include "modes/http/hosted_server.hpp"

#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/memory_request.hpp"

using namespace launch;
using httplib::ContentReader;
using httplib::Request;
using httplib::Response;

namespace {

const auto kHandler = [](const Request&, Response& response) {
  response.set_content("plain", "text/plain");
};
const auto kReader = [](const Request&, Response& response,
                        const ContentReader& read) {
  std::string body;
  read([&](const char* data, std::size_t size) {
    body.append(data, size);
    return true;
  });
  response.set_content("read " + body, "text/plain");
};
const auto kDecider = [](const Request&, Response&) {
  return httplib::Server::HandlerResponse::Unhandled;
};

/// unrecorded() after `registered` ran through the base class.
std::string bypass(const std::function<void(httplib::Server&)>& registered) {
  HostedServer server;
  registered(server);
  return server.unrecorded().value_or("");
}

}  // namespace

TEST_CASE("every registration is recorded and works", "[server]") {
  HostedServer server;
  server.Get("/g", kHandler)
      .Post("/p", kHandler)
      .Post("/pr", kReader)
      .Put("/u", kHandler)
      .Put("/ur", kReader)
      .Patch("/a", kHandler)
      .Patch("/ar", kReader)
      .Delete("/d", kHandler)
      .Delete("/dr", kReader)
      .Options("/o", kHandler);
  std::string story;
  for (const Route& route : server.routes())
    story += route.method + route.pattern +
             (route.kind() == RouteKind::plain ? " " : "* ");
  CHECK(story ==
        "GET/g POST/p POST/pr* PUT/u PUT/ur* PATCH/a PATCH/ar* DELETE/d "
        "DELETE/dr* OPTIONS/o ");
  CHECK_FALSE(server.unrecorded());

  for (const Route& route : server.routes()) {
    const bool plain = route.kind() == RouteKind::plain;
    const std::string body =
        route.method == "GET" || route.method == "OPTIONS" ? "" : "x";
    CHECK(ask(server, route.method, route.pattern, body).body ==
          (plain ? "plain" : "read x"));
  }
}

TEST_CASE("a pattern that is no regular expression leaves no trace",
          "[server]") {
  HostedServer server;
  CHECK_THROWS(server.Get("/(", kHandler));
  CHECK(server.routes().empty());
}

TEST_CASE("setters are recorded and handed on", "[server]") {
  HostedServer server;
  server.set_pre_routing_handler(kDecider)
      .set_post_routing_handler(kHandler)
      .set_error_handler(kHandler)
      .set_exception_handler(
          [](const Request&, Response&, const std::exception_ptr&) {})
      .set_expect_100_continue_handler(
          [](const Request&, Response&) { return 100; })
      .set_file_request_handler(kHandler)
      .set_logger([](const Request&, const Response&) {})
      .set_default_headers({{"X-App", "orders"}})
      .set_file_extension_and_mimetype_mapping("txt", "text/plain");
  CHECK(server.set_mount_point("/files", "."));
  CHECK(server.set_base_dir("."));
  CHECK_FALSE(server.set_mount_point("/none", "./does-not-exist"));
  CHECK(server.registrations().mounts ==
        std::vector<std::string>{"/files", "/"});
  CHECK(server.remove_mount_point("/files"));
  CHECK(server.registrations().mounts == std::vector<std::string>{"/"});
  CHECK_FALSE(server.unrecorded());

  const Answer missing = ask(server, "GET", "/nothing");
  CHECK(missing.status == 404);
  CHECK(missing.header("X-App") == "orders");
  CHECK(missing.body == "plain");
}

TEST_CASE("an error handler may let the response be", "[server]") {
  HostedServer server;
  server.set_error_handler([](const Request& request, Response& response) {
    if (request.path != "/mine") return Server::HandlerResponse::Unhandled;
    response.set_content("mine", "text/plain");
    return Server::HandlerResponse::Handled;
  });
  CHECK_FALSE(server.unrecorded());
  CHECK(ask(server, "GET", "/mine").body == "mine");
  CHECK(ask(server, "GET", "/other").body == "");
}

TEST_CASE("what is set through the base class is found out", "[server]") {
  using Base = httplib::Server;
  const std::string through = " set through httplib::Server&";
  CHECK(bypass([](Base&) {}) == "");
  CHECK(bypass([](Base& s) { s.Get("/", kHandler); }) ==
        "a GET handler" + through);
  CHECK(bypass([](Base& s) { s.Post("/", kReader); }) ==
        "a POST handler" + through);
  CHECK(bypass([](Base& s) { s.Put("/", kHandler); }) ==
        "a PUT handler" + through);
  CHECK(bypass([](Base& s) { s.Patch("/", kReader); }) ==
        "a PATCH handler" + through);
  CHECK(bypass([](Base& s) { s.Delete("/", kHandler); }) ==
        "a DELETE handler" + through);
  CHECK(bypass([](Base& s) { s.Options("/", kHandler); }) ==
        "an OPTIONS handler" + through);
  CHECK(bypass([](Base& s) { s.set_mount_point("/", "."); }) ==
        "a mount point" + through);
  CHECK(bypass([](Base& s) {
          s.set_default_headers({{"A", "b"}});
        }) == "default headers" + through);
  CHECK(bypass([](Base& s) { s.set_pre_routing_handler(kDecider); }) ==
        "a pre-routing handler" + through);
  CHECK(bypass([](Base& s) { s.set_post_routing_handler(kHandler); }) ==
        "a post-routing handler" + through);
  CHECK(bypass([](Base& s) { s.set_error_handler(kHandler); }) ==
        "an error handler" + through);
  CHECK(bypass([](Base& s) {
          s.set_exception_handler(
              [](const Request&, Response&, std::exception_ptr) {});
        }) == "an exception handler" + through);
  CHECK(bypass([](Base& s) {
          s.set_expect_100_continue_handler(
              [](const Request&, Response&) { return 100; });
        }) == "an Expect: 100-continue handler" + through);
  CHECK(bypass([](Base& s) { s.set_file_request_handler(kHandler); }) ==
        "a file request handler" + through);
  CHECK(bypass([](Base& s) {
          s.set_logger([](const Request&, const Response&) {});
        }) == "a logger" + through);
}

TEST_CASE("a handler replaced through the base class is found out",
          "[server]") {
  HostedServer server;
  server.set_pre_routing_handler(kDecider);
  static_cast<httplib::Server&>(server).set_pre_routing_handler(
      [](const Request&, Response&) {
        return httplib::Server::HandlerResponse::Handled;
      });
  CHECK(server.unrecorded());
}

TEST_CASE("what a handler throws is for the log, not for the client",
          "[server]") {
  const auto throwing = [](const auto& value) {
    return [value](const Request&, Response&) { throw value; };
  };
  HostedServer server;
  server.Get("/text", throwing(std::runtime_error("secret\nINFO: forged")));
  server.Get("/number", throwing(42));
  CHECK_FALSE(server.unrecorded());
  std::string log;
  for (const std::string target : {"/text?a=b", "/number"}) {
    log += run_in_child([&] { ask(server, "GET", target); }).error_text;
    const Answer answer = ask(server, "GET", target);
    CHECK(answer.status == 500);
    CHECK(answer.body == "Internal Server Error\n");
    CHECK(answer.head.find("secret") == std::string::npos);
    CHECK(answer.head.find("EXCEPTION_WHAT") == std::string::npos);
  }
  CHECK(log ==
        "ERROR:    GET /text?a=b failed: secret INFO: forged\n"
        "ERROR:    GET /number failed: an exception that is no "
        "std::exception\n");
}

TEST_CASE("an app's own exception handler wins", "[server]") {
  HostedServer server;
  server.Get("/", [](const Request&, Response&) { throw 42; });
  server.set_exception_handler(
      [](const Request&, Response& response, const std::exception_ptr&) {
        response.status = 503;
      });
  CHECK_FALSE(server.unrecorded());
  CHECK(ask(server, "GET", "/").status == 503);
}

TEST_CASE("content providers run though no socket listens", "[server]") {
  HostedServer server;
  server.Get("/", [](const Request&, Response& response) {
    response.set_content_provider(
        4, "text/plain", [](std::size_t, std::size_t, httplib::DataSink& sink) {
          return sink.write("ab", 2);
        });
  });
  CHECK(ask(server, "GET", "/").body == "abab");
}

TEST_CASE("a registration after the record was closed is found out",
          "[server]") {
  HostedServer server;
  server.Get("/", kHandler);
  server.end_registration();
  CHECK_FALSE(server.unrecorded());
  server.Get("/late", kHandler);
  CHECK(server.routes().size() == 1);
  CHECK(server.unrecorded() == "a registration after the app was loaded");
  CHECK(ask(server, "GET", "/late").status == 200);
}

TEST_CASE("our limits replace cpp-httplib's and the app's win", "[server]") {
  HostedServer server;
  CHECK(server.keep_alive_max_count() == 1'000'000);
  CHECK(server.keep_alive_timeout() == seconds{75});
  CHECK(server.payload_max_length() == 8 * 1024 * 1024);
  CHECK(server.read_timeout() == seconds{30});
  CHECK(server.write_timeout() == seconds{30});

  server.set_keep_alive_max_count(7)
      .set_keep_alive_timeout(8)
      .set_payload_max_length(9)
      .set_read_timeout(1, 500'000)
      .set_write_timeout(milliseconds{2500});
  CHECK(server.keep_alive_max_count() == 7);
  CHECK(server.keep_alive_timeout() == seconds{8});
  CHECK(server.payload_max_length() == 9);
  CHECK(server.read_timeout() == milliseconds{1500});
  CHECK(server.write_timeout() == milliseconds{2500});
}

TEST_CASE("a body above the limit is refused", "[server]") {
  HostedServer server;
  server.Post("/p", kHandler).set_payload_max_length(3);
  CHECK(ask(server, "POST", "/p", "abc").status == 200);
  CHECK(ask(server, "POST", "/p", "abcd").status == 413);
}

TEST_CASE("listening is refused, in whatever way it is asked", "[server]") {
  HostedServer server;
  CHECK_THROWS_AS(server.listen("127.0.0.1", 0), ContractError);
  CHECK_THROWS_AS(server.bind_to_port("127.0.0.1", 0), ContractError);
  CHECK_THROWS_AS(server.bind_to_any_port("127.0.0.1"), ContractError);
  CHECK_THROWS_AS(server.listen_after_bind(), ContractError);
  CHECK(server.port_asked());

  HostedServer through_base;
  httplib::Server& base = through_base;
  CHECK_FALSE(through_base.port_asked());
  CHECK_FALSE(base.listen("127.0.0.1", 0));
  CHECK(base.bind_to_any_port("127.0.0.1") < 0);
  CHECK(through_base.port_asked());
  through_base.end_registration();
  CHECK(base.is_valid());
}

TEST_CASE("stop() calls what the worker set, however early", "[server]") {
  HostedServer server;
  int stops = 0;
  server.set_stop_action([&] { ++stops; });
  CHECK(stops == 0);
  server.stop();
  CHECK(stops == 1);

  HostedServer early;
  early.stop();
  early.set_stop_action([&] { ++stops; });
  CHECK(stops == 2);
}

TEST_CASE("hooks need the server of launch", "[server]") {
  HostedServer server;
  on_start(static_cast<httplib::Server&>(server), [](const WorkerInfo&) {});
  on_stop(static_cast<httplib::Server&>(server), [](const WorkerInfo&) {});
  CHECK(server.start_hooks().size() == 1);
  CHECK(server.stop_hooks().size() == 1);
  httplib::Server plain;
  CHECK_THROWS_AS(on_start(plain, [](const WorkerInfo&) {}), ContractError);
}

TEST_CASE("the response says that the connection closes", "[server]") {
  HostedServer server;
  server.Get("/", kHandler);
  MemoryStream stream("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  bool closed = false;
  CHECK(process(server, stream, true, closed));
  CHECK_THAT(stream.output(), Catch::Matchers::Contains("Connection: close"));

  MemoryStream nothing("");
  CHECK_FALSE(process(server, nothing, false, closed));
}
