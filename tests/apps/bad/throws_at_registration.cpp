#include <stdexcept>

#include <launch/app.hpp>

static void register_routes(launch::Server&) {
  throw std::runtime_error("the price list is missing");
}
LAUNCH_APP(register_routes)
