// As if it had been compiled against a newer cpp-httplib.
#include <httplib.h>
#undef CPPHTTPLIB_VERSION
#define CPPHTTPLIB_VERSION "0.99.0"
#include <launch/app.hpp>

static void register_routes(launch::Server&) {}
LAUNCH_APP(register_routes)
