#include "modes/control/admin_pages.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/example_status.hpp"

using namespace launch;

namespace {

constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

std::string asked(std::string_view method, std::string_view target,
                  const ServiceStatus& status = example_status()) {
  RequestHead head;
  head.method = method;
  head.target = target;
  return admin_response(head, kDate, [&] { return status; });
}

std::string status_line(const std::string& response) {
  return response.substr(0, response.find('\r'));
}

std::string body(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

}  // namespace

TEST_CASE("a live service says so, byte by byte", "[admin_pages]") {
  CHECK(asked("GET", "/health/live") ==
        "HTTP/1.1 200 OK\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 5\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\nlive\n");
}

TEST_CASE("a HEAD gets the head of the GET", "[admin_pages]") {
  const std::string get = asked("GET", "/status");
  const std::string head = asked("HEAD", "/status");
  CHECK(get == head + body(get));
  CHECK(body(head).empty());
}

TEST_CASE("health says 503 and why", "[admin_pages]") {
  ServiceStatus status = example_status();
  status.live = false;
  CHECK(status_line(asked("GET", "/health/live", status)) ==
        "HTTP/1.1 503 Service Unavailable");
  status.ready = false;
  CHECK(body(asked("GET", "/health/ready", status)) == "draining\n");
  status.state = "stopping";
  const std::string response = asked("GET", "/health/ready", status);
  CHECK(status_line(response) == "HTTP/1.1 503 Service Unavailable");
  CHECK(body(response) == "stopping\n");
}

TEST_CASE("queries and whole URLs are understood", "[admin_pages]") {
  CHECK(body(asked("GET", "/health/ready?verbose=1")) == "ready\n");
  CHECK(body(asked("GET", "http://a:1/health/ready")) == "ready\n");
  CHECK(body(asked("GET", "http://a:1")) == body(asked("GET", "/")));
}

TEST_CASE("each page is listed on the first one", "[admin_pages]") {
  const std::string list = body(asked("GET", "/"));
  for (const AdminPageRow& row : kAdminPages) {
    CHECK(list.find(row.path) != std::string::npos);
    CHECK(status_line(asked("GET", row.path)) == "HTTP/1.1 200 OK");
  }
}

TEST_CASE("other paths and methods are refused without asking the service",
          "[admin_pages]") {
  const auto nothing = []() -> ServiceStatus {
    throw std::logic_error("asked");
  };
  RequestHead head;
  head.method = "GET";
  head.target = "/health";
  CHECK(status_line(admin_response(head, kDate, nothing)) ==
        "HTTP/1.1 404 Not Found");
  head.method = "POST";
  head.target = "/status";
  const std::string response = admin_response(head, kDate, nothing);
  CHECK(status_line(response) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(response.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("the page on control has the paths", "[admin_pages]") {
  std::ifstream file{LAUNCH_SOURCE_DIR "/docs/control.md"};
  std::stringstream page;
  page << file.rdbuf();
  for (const AdminPageRow& row : kAdminPages) {
    const std::string line =
        fmt::format("| `{}` | {} |\n", row.path, row.summary);
    INFO(line);
    CHECK(page.str().find(line) != std::string::npos);
  }
}
