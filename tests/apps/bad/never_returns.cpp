#include <unistd.h>

#include <launch/app.hpp>

static void register_routes(launch::Server&) {
  for (;;) ::pause();
}
LAUNCH_APP(register_routes)
