#include <stdexcept>

#include <launch/app.hpp>

static void register_routes(launch::Server& server) {
  server.on_start([](const launch::WorkerInfo&) {
    throw std::runtime_error("the database is away");
  });
}
LAUNCH_APP(register_routes)
