#include <csignal>

#include <launch/app.hpp>

static void register_routes(launch::Server& server) {
  server.on_start([](const launch::WorkerInfo&) { std::raise(SIGSEGV); });
}
LAUNCH_APP(register_routes)
