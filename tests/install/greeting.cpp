#include <launch/app.hpp>

static void register_routes(launch::Server& server) {
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("Hello from outside!\n", "text/plain");
  });
}

LAUNCH_APP(register_routes)
