// Two apps in one library: two_apps.so:first and two_apps.so:second.
#include <launch/app.hpp>

template <char kName>
static void register_routes(launch::Server& server) {
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(1, kName), "text/plain");
  });
}
LAUNCH_APP_AS(first, register_routes<'1'>)
LAUNCH_APP_AS(second, register_routes<'2'>)
