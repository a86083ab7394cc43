// Registration code that knows only cpp-httplib, made an app by one line.
#include <launch/app.hpp>

static void register_routes(httplib::Server& server) {
  server.Get("/hello",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_content("Hello from cpp-httplib\n", "text/plain");
             });
}
LAUNCH_APP(register_routes)
