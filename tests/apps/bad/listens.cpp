#include <launch/app.hpp>

static void register_routes(launch::Server& server) {
  server.listen("127.0.0.1", 8000);
}
LAUNCH_APP(register_routes)
