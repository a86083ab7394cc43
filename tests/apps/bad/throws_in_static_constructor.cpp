// Ends in std::terminate(): nothing can catch what a static constructor throws.
#include <stdexcept>

#include <launch/app.hpp>

static int fail() { throw std::runtime_error("too early"); }
static const int failed = fail();

static void register_routes(launch::Server&) {}
LAUNCH_APP(register_routes)
