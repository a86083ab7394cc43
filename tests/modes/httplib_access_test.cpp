#include "modes/http/httplib_access.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/memory_request.hpp"

using namespace launch;
using httplib::Request;
using httplib::Response;

namespace {

const auto kHandler = [](const Request&, Response& response) {
  response.set_content("plain", "text/plain");
};

Request request_of(const std::string& method, const std::string& path) {
  Request request;
  request.method = method;
  request.path = path;
  return request;
}

}  // namespace

TEST_CASE("handlers are found by method and place", "[access]") {
  httplib::Server server;
  server.Get("/a", kHandler)
      .Get("/b", [](const Request&, Response& r) { r.status = 201; })
      .Delete("/a", kHandler)
      .Post("/a", [](const Request&, Response& r,
                     const httplib::ContentReader&) { r.status = 202; });
  CHECK(handler_count(server, Method::get) == 2);
  CHECK(handler_count(server, Method::delete_) == 1);
  CHECK(handler_count(server, Method::post) == 0);
  CHECK(reader_count(server, Method::post) == 1);
  CHECK(reader_count(server, Method::get) == 0);
  CHECK(reader_count(server, Method::options) == 0);

  Response response;
  handler(server, Method::get, 1)({}, response);
  CHECK(response.status == 201);
  const httplib::ContentReader no_body{nullptr, nullptr};
  reader(server, Method::post, 0)({}, response, no_body);
  CHECK(response.status == 202);
}

TEST_CASE("a handler's pattern is asked for its matches", "[access]") {
  httplib::Server server;
  server.Get("/a", kHandler).Get(R"(/item/(\d+))", kHandler);
  Request request = request_of("GET", "/item/42");
  CHECK_FALSE(matches(server, Method::get, 0, request));
  REQUIRE(matches(server, Method::get, 1, request));
  CHECK(request.matches.size() == 2);
  CHECK(request.matches[1].str() == "42");
}

TEST_CASE("what nobody set is empty", "[access]") {
  httplib::Server server;
  CHECK(mount_count(server) == 0);
  CHECK(default_headers(server).empty());
  CHECK_FALSE(pre_routing_handler(server));
  CHECK_FALSE(post_routing_handler(server));
  CHECK_FALSE(error_handler(server));
  CHECK_FALSE(exception_handler(server));
  CHECK_FALSE(file_request_handler(server));
  CHECK_FALSE(logger(server));
  CHECK_FALSE(has_expect_handler(server));
}

TEST_CASE("the handler of Expect: 100-continue is asked", "[access]") {
  httplib::Server server;
  server.set_expect_100_continue_handler([](const Request& request, Response&) {
    return request.path == "/open" ? 100 : 417;
  });
  REQUIRE(has_expect_handler(server));
  Response response;
  CHECK(ask_expect_handler(server, request_of("PUT", "/open"), response) ==
        100);
  CHECK(ask_expect_handler(server, request_of("PUT", "/"), response) == 417);
}

TEST_CASE("a parsed request is routed as one that was read", "[access]") {
  httplib::Server server;
  server.Get("/a", kHandler);
  server.Post("/echo", [](const Request& request, Response& response) {
    response.set_content(request.body, "text/plain");
  });
  MemoryStream nothing("");
  Request request = request_of("GET", "/a");
  Response response;
  CHECK(route(server, request, response, nothing));
  CHECK(response.body == "plain");
  request = request_of("GET", "/b");
  CHECK_FALSE(route(server, request, response, nothing));

  MemoryStream body("abcd");
  request = request_of("POST", "/echo");
  request.headers.emplace("Content-Length", "3");
  CHECK(route(server, request, response, body));
  CHECK(response.body == "abc");
}

TEST_CASE("ranges are parsed as in a request", "[access]") {
  httplib::Ranges ranges;
  CHECK(parse_ranges("bytes=1-2, 5-", ranges));
  CHECK(ranges == httplib::Ranges{{1, 2}, {5, -1}});
  ranges.clear();
  CHECK_FALSE(parse_ranges("bytes=x", ranges));
}

TEST_CASE("URLs and queries are decoded", "[access]") {
  CHECK(decode_url("/a%20b+c") == "/a b+c");
  httplib::Params params;
  parse_query("a=1&a=%32&b=x+y", params);
  CHECK(params == httplib::Params{{"a", "1"}, {"a", "2"}, {"b", "x y"}});
}

TEST_CASE("status lines are those of the library", "[access]") {
  const auto lines = status_lines();
  REQUIRE(lines.size() == 600);
  CHECK(lines[200] == "HTTP/1.1 200 OK\r\n");
  CHECK(lines[404] == "HTTP/1.1 404 Not Found\r\n");
  CHECK(lines[199].empty());
}
