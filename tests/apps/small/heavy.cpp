// An app with HEAVY_MB megabytes of data that is filled while it is loaded.
// GET /sum reads all of it, GET /small none.
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include <launch/app.hpp>

static void register_routes(httplib::Server& server) {
  const char* megabytes = std::getenv("HEAVY_MB");
  const std::size_t size = (megabytes != nullptr ? std::stoul(megabytes) : 1)
                           << 20;
  static std::vector<unsigned char> data;
  data.assign(size, 1);
  server.Get("/sum", [](const httplib::Request&, httplib::Response& response) {
    const auto sum = std::accumulate(data.begin(), data.end(), std::size_t{0});
    response.set_content(std::to_string(sum) + '\n', "text/plain");
  });
  server.Get("/small",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_content("small\n", "text/plain");
             });
}
LAUNCH_APP(register_routes)
