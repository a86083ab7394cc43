// Its handler at /wait reads a byte from the descriptor WAIT_FD, and so blocks
// until somebody writes one; /stop stops the worker that answers it.
#include <unistd.h>

#include <cstdlib>

#include <launch/app.hpp>

static void register_routes(launch::Server& server) {
  server.Get("/wait", [](const httplib::Request&, httplib::Response& response) {
    const char* fd = std::getenv("WAIT_FD");
    char byte = 0;
    if (fd == nullptr || ::read(std::atoi(fd), &byte, 1) != 1)
      response.status = 500;
    response.set_content("waited\n", "text/plain");
  });
  server.Get("/stop",
             [&server](const httplib::Request&, httplib::Response& response) {
               server.stop();
               response.set_content("stopping\n", "text/plain");
             });
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("here\n", "text/plain");
  });
}
LAUNCH_APP(register_routes)
