#include <cstdlib>

#include <launch/app.hpp>

static void register_routes(launch::Server&) { std::abort(); }
LAUNCH_APP(register_routes)
