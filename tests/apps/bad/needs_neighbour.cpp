#include <launch/app.hpp>

// Defined in a library beside this one, which launch's memory copy cannot find.
extern "C" int neighbour();

static void register_routes(launch::Server& server) {
  server.set_keep_alive_timeout(neighbour());
}
LAUNCH_APP(register_routes)
