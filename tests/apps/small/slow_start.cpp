// Starts slowly: its hook takes SLOW_START_MS milliseconds (1000).
#include <chrono>
#include <cstdlib>
#include <thread>

#include <launch/app.hpp>

static void register_routes(launch::Server& server) {
  server.on_start([](const launch::WorkerInfo&) {
    const char* text = std::getenv("SLOW_START_MS");
    const int ms = text != nullptr ? std::atoi(text) : 1000;
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  });
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("started\n", "text/plain");
  });
}
LAUNCH_APP(register_routes)
