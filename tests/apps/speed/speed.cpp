// What bench/performance asks for, twice: `speed.so` registers on
// launch::Server, which records its routes; `speed.so:compatible` registers the
// same on httplib::Server, which does not, so cpp-httplib answers.
#include <string>

#include <launch/app.hpp>

namespace {

using httplib::Request;
using httplib::Response;

constexpr char kText[] = "text/plain";

std::string bytes(std::size_t size) { return std::string(size, 'x'); }

template <typename Server>
void register_routes(Server& server) {
  server.Get("/", [](const Request&, Response& response) {
    response.set_content("Hello, world!", kText);
  });
  server.Get(R"(/r/([^/]+)/(\d+)/([a-z]+)/(\w+)/(.*))",
             [](const Request& request, Response& response) {
               std::string body = request.matches[1];
               for (std::size_t i = 2; i <= 5; ++i) {
                 body += ' ';
                 body += request.matches[i];
               }
               response.set_content(body, kText);
             });
  server.Get("/1k", [body = bytes(1024)](const Request&, Response& response) {
    response.set_content(body, kText);
  });
  server.Get("/64k", [body = bytes(65536)](const Request&, Response& response) {
    response.set_content(body, kText);
  });
}

}  // namespace

LAUNCH_APP(register_routes<launch::Server>)
LAUNCH_APP_AS(compatible, register_routes<httplib::Server>)
