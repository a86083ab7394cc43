#include <csignal>

#include <launch/app.hpp>

static const int crashed = std::raise(SIGSEGV);

static void register_routes(launch::Server&) {}
LAUNCH_APP(register_routes)
