// Compiled without the macros that cpp-httplib's library was compiled with.
#undef CPPHTTPLIB_OPENSSL_SUPPORT
#include <launch/app.hpp>

static void register_routes(launch::Server&) {}
LAUNCH_APP(register_routes)
