// An app whose start depends on files in the folder FRAGILE_FOLDER, so that
// what happens to later workers can be changed while earlier ones serve:
// "unloadable": its registration throws; "broken": its start-up hook does;
// "dies": it ends 50 ms after its start.
// GET /version answers with the text of "version".
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <launch/app.hpp>

static std::string path_of(const std::string& name) {
  const char* folder = std::getenv("FRAGILE_FOLDER");
  return std::string(folder != nullptr ? folder : "/nonexistent") + '/' + name;
}

static bool exists(const std::string& name) {
  return ::access(path_of(name).c_str(), F_OK) == 0;
}

static void register_routes(httplib::Server& server) {
  if (exists("unloadable")) throw std::runtime_error("no such library");
  std::string version;
  std::getline(std::ifstream(path_of("version")) >> std::ws, version);
  launch::on_start(server, [](const launch::WorkerInfo&) {
    if (exists("broken")) throw std::runtime_error("no such table: orders");
    if (exists("dies"))
      std::thread([] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        ::_exit(1);
      }).detach();
  });
  server.Get("/version",
             [version](const httplib::Request&, httplib::Response& response) {
               response.set_content(version + '\n', "text/plain");
             });
}
LAUNCH_APP(register_routes)
