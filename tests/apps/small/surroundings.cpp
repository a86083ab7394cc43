// Shows the process in which it runs: its environment and its rights.
#include <grp.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <launch/app.hpp>

static std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "(none)";
}

static std::string identity() {
  std::vector<gid_t> groups(64);
  const int count = ::getgroups(64, groups.data());
  std::string text = std::to_string(::getuid()) + ' ' +
                     std::to_string(::geteuid()) + ' ' +
                     std::to_string(::getgid()) + ' ' +
                     std::to_string(::getegid()) + " groups";
  for (int i = 0; i < count; ++i)
    text += ' ' + std::to_string(groups[static_cast<std::size_t>(i)]);
  return text;
}

static void register_routes(launch::Server& server) {
  // Taken at registration, as an app that configures itself does.
  const std::string greeting = variable("GREETING");
  const std::string who = identity();
  server.Get("/",
             [greeting](const httplib::Request&, httplib::Response& response) {
               response.set_content(greeting, "text/plain");
             });
  server.Get("/variable",
             [](const httplib::Request& request, httplib::Response& response) {
               response.set_content(variable(request.get_param_value("name")),
                                    "text/plain");
             });
  server.Get("/who-registered",
             [who](const httplib::Request&, httplib::Response& response) {
               response.set_content(who, "text/plain");
             });
  server.Get("/who", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(identity(), "text/plain");
  });
}
LAUNCH_APP(register_routes)
