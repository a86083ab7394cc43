#include <string>

#include <launch/app.hpp>

// Defined in a library beside this one, which is found through $ORIGIN.
extern "C" int neighbour();

static void register_routes(launch::Server& server) {
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::to_string(neighbour()) + "\n", "text/plain");
  });
}
LAUNCH_APP(register_routes)
