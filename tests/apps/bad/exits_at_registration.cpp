#include <cstdlib>

#include <launch/app.hpp>

static void register_routes(launch::Server&) { std::exit(0); }
LAUNCH_APP(register_routes)
