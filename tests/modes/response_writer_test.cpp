#include "modes/http/response_writer.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

constexpr char kDate[] = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

std::string written(const httplib::Response& response,
                    const std::string& method = "GET",
                    Persistence persistence = Persistence::implicit) {
  static const ResponseWriter writer;
  const auto set = writer.plain(response);
  if (!set) return "not plain";
  httplib::Request request;
  request.method = method;
  std::string output = "before|";
  writer.write_head(request, response, *set, persistence, kDate, output);
  return method == "HEAD" ? output : output + response.body;
}

httplib::Response response_of(int status, const std::string& body = {}) {
  httplib::Response response;
  response.status = status;
  if (!body.empty()) response.set_content(body, "text/plain");
  return response;
}

const std::string kBegin = "before|HTTP/1.1 200 OK\r\n" + std::string(kDate);

}  // namespace

TEST_CASE("a response is its status, date, headers and body", "[response]") {
  httplib::Response response = response_of(200, "hello");
  response.set_header("Zeta", "z");
  response.set_header("Alpha", "a");
  CHECK(written(response) == kBegin +
                                 "Alpha: a\r\nContent-Length: 5\r\n"
                                 "Content-Type: text/plain\r\nZeta: z\r\n\r\n"
                                 "hello");
  CHECK(written(response_of(404)) == "before|HTTP/1.1 404 Not Found\r\n" +
                                         std::string(kDate) +
                                         "Content-Length: 0\r\n\r\n");
}

TEST_CASE("a response says whether the connection goes on", "[response]") {
  const httplib::Response response = response_of(200, "x");
  const std::string rest =
      "Content-Length: 1\r\nContent-Type: text/plain\r\n\r\nx";
  CHECK(written(response, "GET", Persistence::implicit) == kBegin + rest);
  CHECK(written(response, "GET", Persistence::none) ==
        kBegin + "Connection: close\r\n" + rest);
  CHECK(written(response, "GET", Persistence::explicit_) ==
        kBegin + "Connection: keep-alive\r\n" + rest);
}

TEST_CASE("a response to HEAD has the length and no body", "[response]") {
  CHECK(written(response_of(200, "hello"), "HEAD") ==
        kBegin +
            "Accept-Ranges: bytes\r\nContent-Length: 5\r\n"
            "Content-Type: text/plain\r\n\r\n");
}

TEST_CASE("a status without content states no length", "[response]") {
  CHECK(written(response_of(204)) ==
        "before|HTTP/1.1 204 No Content\r\n" + std::string(kDate) + "\r\n");
  CHECK(written(response_of(304)) == "before|HTTP/1.1 304 Not Modified\r\n" +
                                         std::string(kDate) +
                                         "Content-Length: 0\r\n\r\n");
}

TEST_CASE("the handler's own date and type are kept", "[response]") {
  httplib::Response response = response_of(200);
  response.body = "x";
  CHECK(written(response) ==
        kBegin + "Content-Length: 1\r\nContent-Type: text/plain\r\n\r\nx");
  response.set_header("Date", "today");
  response.set_header("Content-Type", "text/html");
  CHECK(written(response) ==
        "before|HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
        "Content-Type: text/html\r\nDate: today\r\n\r\nx");
}

TEST_CASE("what frames the message otherwise is not plain", "[response]") {
  for (const char* name : {"Content-Length", "transfer-encoding", "Connection",
                           "Keep-Alive", "Accept-Ranges"}) {
    httplib::Response response = response_of(200, "x");
    response.set_header(name, "1");
    CHECK(written(response) == "not plain");
  }
  CHECK(written(response_of(204, "x")) == "not plain");
  CHECK(written(response_of(199)) == "not plain");
  CHECK(written(response_of(600)) == "not plain");
  httplib::Response provided = response_of(200);
  provided.set_content_provider(
      3, "text/plain",
      [](std::size_t, std::size_t, httplib::DataSink&) { return true; });
  CHECK(written(provided) == "not plain");
}
